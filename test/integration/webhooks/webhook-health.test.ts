import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { type Bank, hooksPath, ORGANIZATION, ROUTES, startBank, WEBHOOK_SECRET } from '../../support/bank.ts';
import { createClock } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { nightlyRuns, type Run } from '../../support/run.ts';
import { createItem, itemText } from '../synchronization/support.ts';

const newTable = useDynamoDb();

/** A bank of so many items, whose webhooks the first run has created. */
async function bankWithWebhooks(items: number) {
  const clock = createClock();
  const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0, now: clock.now });
  for (let id = 1; id <= items; id += 1) await createItem(bank, `item-${id}`, itemText(String(id)));
  const nextRun = nightlyRuns({ newTable, bank, clock });
  const first = await nextRun();
  return { bank, nextRun, clock, first };
}

async function countsOf({ dependencies, event }: Run) {
  return (await readExecution(dependencies.executionsTable, event.jobExecutionId))?.counts;
}

const place = (name: string) => ({ owner: ORGANIZATION, repo: name });

async function hookIdOf({ github }: Bank, name: string): Promise<number> {
  const [hook] = (await github.rest.repos.listWebhooks(place(name))).data;
  return hook?.id ?? 0;
}

const connectWith = (bank: Bank, webhookSecret: string, isSecretRotating = false) => ({
  overrides: { connect: async () => ({ github: bank.github, webhookSecret, isSecretRotating }) },
});

describe('the record of a run', () => {
  it('counts webhooks by the state in which the run left them, and what was wrong with them', async () => {
    const { bank, nextRun, first } = await bankWithWebhooks(5);
    expect(await countsOf(first)).toMatchObject({ webhooks: { created: 5, missing: 0, present: 0 } });
    await bank.github.rest.repos.updateWebhook({
      ...place('item-1'),
      hook_id: await hookIdOf(bank, 'item-1'),
      active: false,
    });
    await bank.github.rest.repos.deleteWebhook({
      ...place('item-2'),
      hook_id: await hookIdOf(bank, 'item-2'),
    });
    await bank.github.rest.repos.update({ ...place('item-3'), archived: true });
    bank.site.fail({
      method: 'GET',
      pathPrefix: hooksPath('item-4'),
      times: Infinity,
      outcome: { status: 404, body: { message: 'Not Found' } },
    });
    const counts = await countsOf(await nextRun());
    expect(counts).toMatchObject({
      webhooks: { present: 1, missing: 0, differs: 0, created: 1, repaired: 1, archived: 1, forbidden: 1 },
      webhooksDisabled: 1,
      webhooksWronglyKeyed: 0,
      webhooksDuplicated: 0,
    });
    expect(Object.values(counts?.webhooks ?? {}).reduce((sum, count) => sum + count)).toBe(5);
  });

  it('counts repositories with more than one webhook of this service', async () => {
    const { bank, nextRun } = await bankWithWebhooks(2);
    const config = { url: 'https://item-sync.example.org/webhook/', content_type: 'json', secret: 'another' };
    await bank.github.rest.repos.createWebhook({ ...place('item-1'), config });
    expect(await countsOf(await nextRun())).toMatchObject({ webhooksDuplicated: 1 });
  });

  it('does not try again to write what is archived or forbidden', async () => {
    const { bank, nextRun } = await bankWithWebhooks(2);
    await bank.github.rest.repos.deleteWebhook({
      ...place('item-1'),
      hook_id: await hookIdOf(bank, 'item-1'),
    });
    bank.site.fail({
      method: 'POST',
      pathPrefix: hooksPath('item-1'),
      times: Infinity,
      outcome: { status: 403, body: { message: 'Repository was archived so is read-only.' } },
    });
    bank.requests(ROUTES.createHook);
    const counts = await countsOf(await nextRun());
    expect(counts).toMatchObject({ webhooks: { archived: 1, present: 1 }, webhooksNotCreated: 1 });
    expect(bank.requests(ROUTES.createHook)).toBe(1);
  });
});

describe('a webhook whose last delivery was rejected because of its signature', () => {
  const answeredWith = (code: number) => (hooks: unknown) =>
    (hooks as object[]).map((hook) => ({
      ...hook,
      last_response: { code, status: 'misconfigured', message: `Invalid HTTP Response: ${code}` },
    }));
  /** From now on GitHub shows that the last delivery of each webhook was answered with this status. */
  const showAnswer = ({ site }: Bank, code: number): void => {
    site.mend();
    site.fail({
      method: 'GET',
      pathPrefix: '/repos/',
      times: Infinity,
      outcome: { change: answeredWith(code) },
    });
  };

  it('gets the secret if somebody else may have set it, and once', async () => {
    const clock = createClock();
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0, now: clock.now });
    const nextRun = nightlyRuns({ newTable, bank, clock });
    showAnswer(bank, 401);
    const counts = await countsOf(await nextRun());
    expect(counts).toMatchObject({ webhooks: { repaired: 1 }, webhooksWronglyKeyed: 1 });
    // GitHub shows the old answer until the next delivery. By then this service knows that the secret is right.
    expect(await countsOf(await nextRun())).toMatchObject({
      webhooks: { present: 1 },
      webhooksWronglyKeyed: 0,
    });
  });

  it('gets the right secret again each time that somebody has changed it', async () => {
    const clock = createClock();
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 1, now: clock.now });
    const nextRun = nightlyRuns({ newTable, bank, clock });
    expect(await countsOf(await nextRun())).toMatchObject({ webhooks: { created: 1 } });
    for (let time = 1; time <= 2; time += 1) {
      showAnswer(bank, 202);
      expect(await countsOf(await nextRun())).toMatchObject({ webhooks: { present: 1 } });
      showAnswer(bank, 401);
      expect(await countsOf(await nextRun())).toMatchObject({ webhooks: { repaired: 1 } });
    }
  });
});

describe('the replacement of the webhook secret', () => {
  it('repairs all webhooks, also those whose secret somebody else has set, and says when all have the new one', async () => {
    const clock = createClock();
    const bank = await startBank({ repositories: 4, withoutProjectWebhook: 2, now: clock.now });
    const nextRun = nightlyRuns({ newTable, bank, clock });
    await nextRun();
    const before = await countsOf(await nextRun(connectWith(bank, WEBHOOK_SECRET)));
    expect(before).not.toHaveProperty('webhooksWithOtherSecret');

    bank.site.fail({
      method: 'PATCH',
      pathPrefix: '/repos/',
      outcome: { status: 500, body: { message: 'Server Error' } },
      times: 3,
    });
    const some = await nextRun(connectWith(bank, 'the-new-secret', true));
    expect(await countsOf(some)).toMatchObject({
      webhooks: { repaired: 3, differs: 1 },
      webhooksWronglyKeyed: 4,
      webhooksWithOtherSecret: 1,
    });
    expect(some.exit.exitMessage).toContain('project webhooks that may have the previous secret: 1');

    const all = await nextRun(connectWith(bank, 'the-new-secret', true));
    expect(await countsOf(all)).toMatchObject({
      webhooks: { present: 3, repaired: 1 },
      webhooksWithOtherSecret: 0,
    });
    expect(all.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining('all project webhooks have the new secret'),
    });
    const after = await countsOf(await nextRun(connectWith(bank, 'the-new-secret')));
    expect(after).toMatchObject({ webhooks: { present: 4 } });
    expect(after).not.toHaveProperty('webhooksWithOtherSecret');
  });

  it('is not complete while the webhook of one repository cannot be checked', async () => {
    const { bank, nextRun } = await bankWithWebhooks(2);
    await nextRun(connectWith(bank, 'the-new-secret', true));
    bank.site.fail({
      method: 'GET',
      pathPrefix: hooksPath('item-1'),
      outcome: { status: 404, body: { message: 'Not Found' } },
    });
    const run = await nextRun(connectWith(bank, 'the-new-secret', true));
    expect(await countsOf(run)).toMatchObject({ webhooksWithOtherSecret: 1 });
  });
});
