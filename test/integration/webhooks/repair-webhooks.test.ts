import { describe, expect, it } from 'vitest';
import { readMirror } from '../../../functions/mirror/read-mirror.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import type { KnownWebhook } from '../../../functions/shared/contract/webhooks.ts';
import { secretVersionOf } from '../../../functions/webhooks/project-webhook.ts';
import {
  type Bank,
  FORBIDDEN,
  hooksPath,
  ORGANIZATION,
  PROJECT_WEBHOOK_URL,
  ROUTES,
  WEBHOOK_SECRET,
} from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { nightlyRuns, type Run } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import { createItem, itemText, startEmptyBank, withStatus } from '../synchronization/support.ts';

const newTable = useDynamoDb();
const NAME = 'item-1';
const PLACE = { owner: ORGANIZATION, repo: NAME };
const VERSION = secretVersionOf(WEBHOOK_SECRET, PROJECT_WEBHOOK_URL);
const REQUIRED = 'number of items requiring project webhook:';

interface BankWithWebhook {
  bank: Bank;
  item: ListedRepository;
  nextRun: ReturnType<typeof nightlyRuns>;
  hookId: number;
}

/** A bank of one item, whose webhook the first run has created. */
async function bankWithWebhook(): Promise<BankWithWebhook> {
  const bank = await startEmptyBank();
  const item = await createItem(bank, NAME);
  const nextRun = nightlyRuns({ newTable, bank });
  await nextRun();
  const [hook] = await hooksOf(bank);
  return { bank, item, nextRun, hookId: hook?.id ?? 0 };
}

async function hooksOf({ github }: Bank) {
  return (await github.rest.repos.listWebhooks(PLACE)).data;
}

const changeWebhook = ({ github }: Bank, hook_id: number, changes: object) =>
  github.rest.repos.updateWebhook({ ...PLACE, hook_id, ...changes });

async function knownWebhook(
  { dependencies }: Run,
  { itemBankId }: ListedRepository,
): Promise<KnownWebhook | undefined> {
  return (await readMirror(dependencies.itemsTable, [itemBankId])).get(itemBankId)?.webhook;
}

const itemOf = async (run: Run) => (await run.items())[0];

const repairFault = (hookId: number, outcome: Parameters<Bank['site']['fail']>[0]['outcome']) => ({
  method: 'PATCH',
  pathPrefix: `${hooksPath(NAME)}/${hookId}`,
  outcome,
});

const withSecret = ({ github }: Bank, webhookSecret: string) => ({
  overrides: { connect: async () => ({ github, webhookSecret }) },
});

describe('the known webhook in the row of an item', () => {
  it('is stored when the webhook is created or found missing, and not by a check that finds it in order', async () => {
    const { bank, item, nextRun, hookId } = await bankWithWebhook();
    const run = await nextRun();
    const identity = { id: hookId, secretVersion: VERSION };
    expect(await knownWebhook(run, item)).toEqual({
      state: 'created',
      ...identity,
      checkedAt: '2026-11-23T09:00:00.000Z',
    });
    expect(await run.items()).toEqual([]);
    await bank.github.rest.repos.deleteWebhook({ ...PLACE, hook_id: hookId });
    const afterDeletion = await nextRun();
    const [created] = await hooksOf(bank);
    expect(await knownWebhook(afterDeletion, item)).toEqual({
      state: 'created',
      id: created?.id,
      secretVersion: VERSION,
      checkedAt: '2026-11-25T09:00:00.000Z',
    });
  });

  it('has no secret version if another system created the webhook', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, NAME);
    const config = { url: PROJECT_WEBHOOK_URL, content_type: 'json', secret: 'of others' };
    const { data } = await bank.github.rest.repos.createWebhook({ ...PLACE, config });
    const run = await nightlyRuns({ newTable, bank })();
    expect(run.exit.exitMessage).toContain(`${REQUIRED} 0`);
    expect(await knownWebhook(run, item)).toEqual({
      state: 'present',
      id: data.id,
      checkedAt: '2026-11-23T09:00:00.000Z',
    });
  });

  it.each([
    ['changes', itemText('1', withStatus('Draft')), 'updated'],
    ['fails', 'not JSON', 'failed'],
  ])('is kept as unchecked if the webhook check fails while the item %s', async (_, content, outcome) => {
    const { bank, item, nextRun } = await bankWithWebhook();
    const before = await knownWebhook(await nextRun(), item);
    await commit(bank, item, { content, author: onDay(2) });
    bank.site.fail({
      method: 'GET',
      pathPrefix: hooksPath(NAME),
      outcome: { status: 422, body: { message: 'Not now' } },
    });
    const run = await nextRun();
    expect(await itemOf(run)).toMatchObject({ outcome, webhookFound: 'unchecked' });
    const { checkedAt: _at, ...kept } = before ?? {};
    expect(await knownWebhook(run, item)).toEqual({ ...kept, state: 'unchecked' });
  });

  it('does not contain the secret, and neither do other rows or the log', async () => {
    const { nextRun } = await bankWithWebhook();
    const { dependencies, log } = await nextRun();
    const all = [
      log.lines,
      await allRows(dependencies.itemsTable),
      await allRows(dependencies.executionsTable),
    ];
    expect(JSON.stringify(all)).not.toContain(WEBHOOK_SECRET);
  });
});

describe('a webhook that differs', () => {
  it.each([
    ['it is inactive', { active: false }, 'active'],
    ['it has additional events', { events: ['push', 'issues'] }, 'events'],
    [
      'it has another URL',
      { config: { url: 'https://before.example.org/webhook', content_type: 'json', secret: 's' } },
      'url',
    ],
    ['it has no secret', { config: { url: PROJECT_WEBHOOK_URL, content_type: 'json' } }, 'secret'],
  ])('is repaired and does not count as required: %s', async (_, changes, setting) => {
    const { bank, item, nextRun, hookId } = await bankWithWebhook();
    await changeWebhook(bank, hookId, changes);
    const run = await nextRun();

    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining(`${REQUIRED} 0`),
    });
    expect(await itemOf(run)).toMatchObject({
      webhookFound: 'differs',
      webhookDiffers: [setting],
      webhookLeft: 'repaired',
    });
    expect(run.log.messages()).toContain(
      `repaired the project webhook of item bank id ${item.itemBankId} (${NAME})`,
    );
    expect(await hooksOf(bank)).toMatchObject([
      {
        id: hookId,
        active: true,
        events: ['push', 'repository', 'meta'],
        config: { url: PROJECT_WEBHOOK_URL, content_type: 'json', insecure_ssl: '0', secret: '********' },
      },
    ]);
    expect(await knownWebhook(run, item)).toMatchObject({
      state: 'repaired',
      id: hookId,
      secretVersion: VERSION,
    });
    expect(await (await nextRun()).items()).toEqual([]);
  });

  it('is repaired once after the secret has been rotated', async () => {
    const { bank, nextRun } = await bankWithWebhook();
    const rotated = withSecret(bank, 'the next secret');
    const run = await nextRun(rotated);
    expect(await itemOf(run)).toMatchObject({ webhookDiffers: ['secret'], webhookLeft: 'repaired' });
    expect(await (await nextRun(rotated)).items()).toEqual([]);
  });

  it('is reported and left unchanged by a dry run', async () => {
    const { bank, nextRun, hookId } = await bankWithWebhook();
    await changeWebhook(bank, hookId, { active: false });
    const run = await nextRun({ options: { dryRun: true } });
    expect(run.exit.exitCode).toBe('COMPLETED');
    expect(await itemOf(run)).toMatchObject({ webhookFound: 'differs', webhookLeft: 'differs' });
    expect(await hooksOf(bank)).toMatchObject([{ id: hookId, active: false }]);
  });

  it('is left unchanged if another webhook has the project URL, which is repaired instead', async () => {
    const { bank, item, nextRun, hookId } = await bankWithWebhook();
    const config = { url: 'https://before.example.org/webhook', content_type: 'json', secret: 's' };
    await changeWebhook(bank, hookId, { config });
    const projectConfig = { url: PROJECT_WEBHOOK_URL, content_type: 'json' };
    const duplicate = await bank.github.rest.repos.createWebhook({
      ...PLACE,
      active: false,
      config: projectConfig,
    });
    const refused = { status: 422, body: { message: 'Hook already exists on this repository' } };
    bank.site.fail(repairFault(hookId, refused));
    const run = await nextRun();
    expect(await itemOf(run)).toMatchObject({ webhookFound: 'differs', webhookLeft: 'repaired' });
    expect(await knownWebhook(run, item)).toMatchObject({ id: duplicate.data.id, secretVersion: VERSION });
    expect(await (await nextRun()).items()).toEqual([]);
  });

  it('is not created a second time if GitHub once does not find it', async () => {
    const { bank, nextRun, hookId } = await bankWithWebhook();
    await changeWebhook(bank, hookId, { active: false });
    bank.site.fail(repairFault(hookId, { status: 404, body: { message: 'Not Found' } }));
    expect(await itemOf(await nextRun())).toMatchObject({
      webhookFound: 'differs',
      webhookLeft: 'forbidden',
    });
    expect(await hooksOf(bank)).toMatchObject([{ id: hookId, active: false }]);
    expect(await itemOf(await nextRun())).toMatchObject({ webhookFound: 'differs', webhookLeft: 'repaired' });
  });

  it('is created again if it was deleted after the check', async () => {
    const { bank, nextRun, hookId } = await bankWithWebhook();
    await changeWebhook(bank, hookId, { active: false });
    await bank.github.rest.repos.deleteWebhook({ ...PLACE, hook_id: hookId });
    const list = { method: 'GET', pathPrefix: hooksPath(NAME) };
    const inactive = { id: hookId, active: false, events: ['push'], config: { url: PROJECT_WEBHOOK_URL } };
    bank.site.fail({ ...list, outcome: { status: 200, body: [inactive] } });
    expect(await itemOf(await nextRun())).toMatchObject({ webhookFound: 'differs', webhookLeft: 'created' });
    expect(await hooksOf(bank)).toMatchObject([{ active: true }]);
  });

  it.each([
    ['the token lacks the permission', FORBIDDEN, 'forbidden', 'FORBIDDEN'],
    ['GitHub refuses it', { status: 422, body: { message: 'Validation Failed' } }, 'differs', 'HOOK_REFUSED'],
    [
      'the repository has been archived',
      { status: 403, body: { message: 'Repository was archived so is read-only.' } },
      'archived',
      'FORBIDDEN',
    ],
  ] as const)(
    'is reported if it cannot be repaired, and repaired by the next run: %s',
    async (_, outcome, webhookLeft, reason) => {
      const { bank, nextRun, hookId } = await bankWithWebhook();
      await changeWebhook(bank, hookId, { active: false });
      bank.site.fail(repairFault(hookId, outcome));
      const run = await nextRun();
      expect(run.exit).toMatchObject({
        exitCode: 'COMPLETED_WITH_FAILURES',
        exitMessage: expect.stringMatching(/project webhooks not repaired: 1$/),
      });
      expect(await itemOf(run)).toMatchObject({ webhookLeft, webhookFailure: { reason } });
      expect(await itemOf(await nextRun())).toMatchObject({ webhookLeft: 'repaired' });
    },
  );
});

describe('a webhook of another system', () => {
  const OTHER_CONFIG = { url: 'https://another.example.org/webhook', content_type: 'form' };

  it('is never changed, even if its URL has the same path', async () => {
    const bank = await startEmptyBank();
    await createItem(bank, NAME);
    const { data: before } = await bank.github.rest.repos.createWebhook({ ...PLACE, config: OTHER_CONFIG });
    const run = await nightlyRuns({ newTable, bank })();
    expect(run.exit.exitMessage).toContain(`${REQUIRED} 1`);
    const hooks = await hooksOf(bank);
    expect(hooks).toHaveLength(2);
    expect(hooks).toContainEqual({ ...before, last_response: expect.anything() });
  });
});

describe('a second webhook with the project URL', () => {
  it('is reported and left unchanged', async () => {
    const { bank, item, nextRun, hookId } = await bankWithWebhook();
    const config = { url: PROJECT_WEBHOOK_URL, content_type: 'form' };
    const { data: second } = await bank.github.rest.repos.createWebhook({ ...PLACE, config });
    bank.requests(ROUTES.createHook);
    const run = await nextRun();
    expect(run.exit.exitCode).toBe('COMPLETED');
    expect(await itemOf(run)).toMatchObject({ webhookId: hookId, otherWebhooks: [second.id] });
    expect(run.log.lines.filter(({ level }) => level === 'WARN')).toMatchObject([
      {
        message: `item bank id ${item.itemBankId} (${NAME}): unchanged, webhook present. Other webhooks also point to this service and were left unchanged: ${second.id}`,
      },
    ]);
    expect(await hooksOf(bank)).toHaveLength(2);
  });
});
