import { describe, expect, it } from 'vitest';
import { type Bank, FORBIDDEN, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run } from '../../support/run.ts';

// Limits that GitHub reports by a 403 without a header that says so.
const newTable = useDynamoDb();

const ABUSE = {
  status: 403,
  body: {
    message:
      'You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.',
    documentation_url: 'https://developer.github.com/v3/#abuse-rate-limits',
  },
};
const UNEXPLAINED = { status: 403, body: { message: 'Forbidden' } };

const EVERY_HOOK = { method: 'GET', pathPrefix: `/repos/${ORGANIZATION}/`, times: Infinity } as const;
const EVERY_QUERY = { method: 'POST', pathPrefix: '/graphql', times: Infinity } as const;
const EVERY_PAGE = { method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}/repos`, times: Infinity } as const;

async function listedRun(options: Parameters<typeof startBank>[0] = {}): Promise<{ run: Run; bank: Bank }> {
  const bank = await startBank({ repositories: 6, withoutProjectWebhook: 0, ...options });
  const run = await beginRun({ newTable, bank });
  await run.list();
  return { run, bank };
}

/** Calls a step as the state machine does: again after each wait. @returns the minutes of each wait, and the result. */
async function waitingFor<Result extends { deferred: boolean; resumeAt: string }>(
  { clock }: Run,
  step: () => Promise<Result>,
  mostWaits = 10,
): Promise<{ minutes: number[]; result: Result }> {
  const minutes: number[] = [];
  for (;;) {
    const result = await step();
    if (!result.deferred || minutes.length === mostWaits) return { minutes, result };
    minutes.push((Date.parse(result.resumeAt) - clock.now().getTime()) / 60_000);
    clock.set(result.resumeAt);
  }
}

const webhooksOf = async (run: Run) => (await run.items()).map(({ webhookFound }) => webhookFound);

describe('a rate limit without a time', () => {
  it('defers the webhooks of a batch, and marks none as forbidden', async () => {
    const { run, bank } = await listedRun();
    bank.site.fail({ ...EVERY_HOOK, outcome: ABUSE });
    expect(await run.batch(0)).toMatchObject({ deferred: true, processed: 0 });
    bank.site.mend();
    run.clock.advance(60_000);
    await run.batch(0);
    expect(await webhooksOf(run)).toEqual(Array(6).fill('present'));
  });

  it.each([
    ['query', EVERY_QUERY],
    ['first page', EVERY_PAGE],
  ])('defers the listing if it meets the %s', async (_, place) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const run = await beginRun({ newTable, bank });
    bank.site.fail({ ...place, outcome: ABUSE });
    expect(await run.list()).toMatchObject({ deferred: true, resumeAt: '2026-11-23T09:01:00.000Z' });
  });

  it('makes each wait longer than the one before, up to 16 minutes', async () => {
    const { run, bank } = await listedRun();
    bank.site.fail({ ...EVERY_HOOK, outcome: ABUSE });
    const { minutes } = await waitingFor(run, () => run.batch(0), 7);
    expect(minutes).toEqual([1, 2, 4, 8, 16, 16, 16]);
  });
});

describe('a 403 that explains nothing', () => {
  it('for many repositories is waited out, and marks none as forbidden if it passes', async () => {
    const { run, bank } = await listedRun();
    bank.site.fail({ ...EVERY_HOOK, outcome: UNEXPLAINED });
    const { minutes, result } = await waitingFor(run, () => run.batch(0), 1);
    expect(minutes).toEqual([1]);
    bank.site.mend();
    run.clock.set(result.resumeAt);
    await run.batch(0);
    expect(await webhooksOf(run)).toEqual(Array(6).fill('present'));
  });

  it('for many repositories is a missing permission if it remains after one minute and after two', async () => {
    const { run, bank } = await listedRun();
    bank.site.fail({ ...EVERY_HOOK, outcome: UNEXPLAINED });
    const { minutes, result } = await waitingFor(run, () => run.batch(0));
    expect(minutes).toEqual([1, 2]);
    expect(result).toMatchObject({ deferred: false, processed: 6 });
    expect(await webhooksOf(run)).toEqual(Array(6).fill('forbidden'));
    expect((await run.items())[0]).toMatchObject({ webhookFailure: { reason: 'FORBIDDEN' } });
  });

  it('for two repositories is a missing permission at once', async () => {
    const { run, bank } = await listedRun({ repositories: 2 });
    bank.site.fail({ ...EVERY_HOOK, outcome: UNEXPLAINED });
    expect(await run.batch(0)).toMatchObject({ deferred: false });
    expect(await webhooksOf(run)).toEqual(['forbidden', 'forbidden']);
  });

  it('for a whole query is waited out, and is then a missing permission of its repositories', async () => {
    const { run, bank } = await listedRun();
    bank.site.fail({ ...EVERY_QUERY, outcome: UNEXPLAINED });
    const { minutes } = await waitingFor(run, () => run.batch(0));
    expect(minutes).toEqual([1, 2]);
    expect((await run.items()).map(({ reason }) => reason)).toEqual(Array(6).fill('FORBIDDEN'));
  });

  it('for the listing is waited out, and then fails the run', async () => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const run = await beginRun({ newTable, bank });
    bank.site.fail({ ...EVERY_PAGE, outcome: UNEXPLAINED });
    await expect(waitingFor(run, run.list)).rejects.toMatchObject({ name: 'GitHubRefused' });
    expect(run.clock.now().toISOString()).toBe('2026-11-23T09:03:00.000Z');
  });

  it('for the creation of a webhook is waited out', async () => {
    const { run, bank } = await listedRun({ repositories: 1, withoutProjectWebhook: 1 });
    await run.batch(0);
    bank.site.fail({ method: 'POST', pathPrefix: '/repos/', outcome: UNEXPLAINED });
    const { minutes } = await waitingFor(run, run.createWebhooks);
    expect(minutes).toEqual([1]);
    expect(await run.items()).toMatchObject([{ webhookLeft: 'created' }]);
  });
});

it('a 403 that names a missing permission is one at once, for however many repositories', async () => {
  const { run, bank } = await listedRun();
  bank.site.fail({ ...EVERY_HOOK, outcome: FORBIDDEN });
  bank.requests(ROUTES.listHooks);
  expect(await run.batch(0)).toMatchObject({ deferred: false });
  expect(bank.requests(ROUTES.listHooks)).toBe(6);
  expect(await webhooksOf(run)).toEqual(Array(6).fill('forbidden'));
});
