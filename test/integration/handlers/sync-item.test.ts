import { describe, expect, it } from 'vitest';
import type { Row } from '../../../functions/shared/dynamodb.ts';
import { type Bank, connect, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { fileOf, MINIMAL_ITEM } from '../../support/item-json.ts';
import { beginRun } from '../../support/run.ts';
import { commit } from '../github/support.ts';
import { type ItemsApi, leaveRemovalHalfDone, openItemsApi, STAGES, startBankOfOne } from './support.ts';

const newTable = useDynamoDb();

const REPOSITORY = { owner: ORGANIZATION, repo: 'item-1' };

const bankOfOne = (options?: Parameters<typeof startBankOfOne>[1]) => startBankOfOne(newTable, options);
const rowsOf = ({ itemsTable }: ItemsApi) => allRows(itemsTable);
const withoutVersion = ({ version: _, ...row }: Row): Row => row;

describe('POST /sync/{itemBankId}', () => {
  it('answers with the outcome created, unchanged or updated', async () => {
    const { bank, repository, api, id } = await bankOfOne();
    const answer = { itemBankId: id, repository: 'item-1', webhook: 'missing', dryRun: false };
    expect(await api.sync(id)).toMatchObject({ status: 200, body: { ...answer, outcome: 'created' } });
    expect((await api.sync(id)).body).toEqual({ ...answer, outcome: 'unchanged' });
    await commit(bank, repository, { content: fileOf({ ...MINIMAL_ITEM, type: 'er' }) });
    expect((await api.sync(id)).body).toEqual({ ...answer, outcome: 'updated' });
    expect(api.events).toMatchObject([
      { type: 'ItemCreated', detail: { cause: 'request' } },
      { type: 'ItemUpdated', detail: { cause: 'request' } },
    ]);
  });

  it('answers with the current name of a renamed repository', async () => {
    const { bank, api, id } = await bankOfOne();
    await api.sync(id);
    await bank.github.rest.repos.update({ ...REPOSITORY, name: 'item-renamed' });
    expect((await api.sync(id)).body).toMatchObject({ repository: 'item-renamed', outcome: 'updated' });
  });

  it('answers with the reason of a failure and keeps the last valid item', async () => {
    const { bank, repository, api, id } = await bankOfOne();
    await api.sync(id);
    await commit(bank, repository, { content: 'no JSON' });
    const answer = await api.sync(id);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      itemBankId: id,
      repository: 'item-1',
      outcome: 'failed',
      webhook: 'missing',
      dryRun: false,
      reason: 'ITEM_JSON_INVALID',
      message: expect.stringContaining('not JSON'),
    });
    expect((await api.get(id)).body).toMatchObject({ item: { itemId: MINIMAL_ITEM.id } });
    expect(api.events.map(({ type }) => type)).toEqual(['ItemCreated']);
  });

  it('checks the webhook but does not create it', async () => {
    const { bank, api, id } = await bankOfOne();
    await api.sync(id);
    expect(bank.requests(ROUTES.createHook)).toBe(0);
    const config = { url: 'https://item-sync.example.org/webhook' };
    const { data: hook } = await bank.github.rest.repos.createWebhook({ ...REPOSITORY, config });
    expect((await api.sync(id)).body).toMatchObject({ webhook: 'differs' });
    const right = { ...config, content_type: 'json', secret: 'whose is not seen' };
    await bank.github.rest.repos.updateWebhook({ ...REPOSITORY, hook_id: hook.id, config: right });
    expect((await api.sync(id)).body).toMatchObject({ webhook: 'present' });
  });

  it('creates an item once when several requests arrive at the same time', async () => {
    const { api, id } = await bankOfOne();
    const answers = await Promise.all([api.sync(id), api.sync(id), api.sync(id)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.filter(({ body }) => body['outcome'] === 'created')).toHaveLength(1);
    const rows = await rowsOf(api);
    expect((await api.sync(id)).body).toMatchObject({ outcome: 'unchanged' });
    // Each verification increments the version.
    expect((await rowsOf(api)).map(withoutVersion)).toEqual(rows.map(withoutVersion));
  });

  it('works while a full run is active', async () => {
    const bank = await startBank({ repositories: 5, withoutProjectWebhook: 0 });
    const run = await beginRun({ newTable, bank });
    const api = openItemsApi(bank, run.dependencies);
    await run.list();
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    const ids = data.map(({ id }) => String(id));
    const [, ...answers] = await Promise.all([run.batches(), ...ids.map(api.sync)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await run.remove();
    expect(await run.complete()).toMatchObject({ exitCode: 'COMPLETED' });
    expect(await Promise.all(ids.map(async (id) => (await api.get(id)).status))).toEqual(ids.map(() => 200));
  });

  it('finishes an interrupted removal before it creates the item again', async () => {
    const { api, id } = await bankOfOne();
    await api.sync(id);
    await leaveRemovalHalfDone(api, id);
    expect((await api.sync(id)).body).toMatchObject({ outcome: 'created' });
    expect(api.events.map(({ type }) => type)).toEqual(['ItemCreated', 'ItemRemoved', 'ItemCreated']);
  });

  it('succeeds while the event bus is unreachable and publishes the change next time', async () => {
    const { bank, api, id } = await bankOfOne();
    const withoutBus = openItemsApi(bank, api, {
      publish: () => Promise.reject(new Error('the bus cannot be reached')),
    });
    expect((await withoutBus.sync(id)).body).toMatchObject({ outcome: 'created' });
    expect(withoutBus.log.lines).toContainEqual(expect.objectContaining({ level: 'WARN' }));
    expect((await api.sync(id)).body).toMatchObject({ outcome: 'unchanged' });
    expect(api.events).toMatchObject([{ type: 'ItemCreated', detail: { itemBankId: id } }]);
  });

  it('answers with the expected outcome and writes nothing when only dry runs are allowed', async () => {
    const { bank, api, id } = await bankOfOne();
    const dry = openItemsApi(bank, api, { dryRunOnly: true });
    expect((await dry.sync(id)).body).toMatchObject({ outcome: 'created', dryRun: true });
    expect(await rowsOf(dry)).toEqual([]);
    await api.sync(id);
    await leaveRemovalHalfDone(api, id);
    const rows = await rowsOf(api);
    expect((await dry.sync(id)).body).toMatchObject({ outcome: 'created', dryRun: true });
    expect(await rowsOf(api)).toEqual(rows);
    expect(dry.events).toEqual([]);
  });
});

describe('POST /sync/{itemBankId} answers 404', () => {
  const ID_UNKNOWN = { status: 404, body: { code: 'ITEM_BANK_ID_UNKNOWN', detail: expect.any(String) } };

  it('to an unknown id without sending GraphQL queries', async () => {
    const { bank, api } = await bankOfOne();
    bank.requests(ROUTES.graphql);
    expect(await api.sync('9007199254740991')).toMatchObject(ID_UNKNOWN);
    expect(bank.requests(ROUTES.graphql)).toBe(0);
    expect(await rowsOf(api)).toEqual([]);
  });

  it('when the repository was deleted, and leaves its rows to a full run', async () => {
    const { bank, api, id } = await bankOfOne();
    await api.sync(id);
    const rows = await rowsOf(api);
    await bank.github.rest.repos.delete(REPOSITORY);
    expect(await api.sync(id)).toMatchObject(ID_UNKNOWN);
    expect(await rowsOf(api)).toEqual(rows);
  });

  it.each(['visible', 'hidden'] as const)(
    'when the repository was transferred and is now %s',
    async (transferred) => {
      const { bank, api, id } = await bankOfOne({ transferred });
      await bank.github.rest.repos.transfer({ ...REPOSITORY, new_owner: 'another-bank' });
      expect(await api.sync(id)).toMatchObject(ID_UNKNOWN);
    },
  );

  it('when the repository is on the ignore list', async () => {
    const { bank, api, id } = await bankOfOne();
    const ignoring = openItemsApi(bank, api, { ignored: new Set(['item-1']) });
    expect(await ignoring.sync(id)).toMatchObject(ID_UNKNOWN);
    expect(await rowsOf(api)).toEqual([]);
  });
});

it.each(['0', 'item-1', '1e3', '9007199254740992'])(
  'POST /sync/{itemBankId} answers 400 to the invalid id "%s" without asking GitHub',
  async (text) => {
    const { bank, api } = await bankOfOne();
    const requestsBefore = new Map(bank.site.traffic.requests);
    expect(await api.sync(text)).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    expect(bank.site.traffic.requests).toEqual(requestsBefore);
  },
);

describe('POST /sync/{itemBankId} answers 503 with Retry-After', () => {
  it.each(Object.entries(STAGES))(
    'when GitHub rate-limits the request for %s, and writes nothing',
    async (_, place) => {
      const { bank, api, id } = await bankOfOne();
      const headers = { 'retry-after': '90' };
      bank.site.fail({ ...place, outcome: { status: 429, headers, body: { message: 'slow down' } } });
      expect(await api.sync(id)).toMatchObject({
        status: 503,
        headers: { 'content-type': 'application/problem+json', 'retry-after': 90 },
        body: { code: 'RATE_LIMITED', retryAfterSeconds: 90, githubRequestId: expect.any(String) },
      });
      expect(await rowsOf(api)).toEqual([]);
      api.clock.advance(90_000);
      expect((await api.sync(id)).body).toMatchObject({ outcome: 'created' });
    },
  );

  it('set to the seconds until the quota resets', async () => {
    const { bank, api, id } = await bankOfOne();
    const reset = String(api.clock.now().getTime() / 1_000 + 1_234);
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
    const outcome = { status: 403, headers, body: { message: 'API rate limit exceeded' } };
    bank.site.fail({ ...STAGES['its head'], outcome });
    expect(await api.sync(id)).toMatchObject({ status: 503, headers: { 'retry-after': 1_234 } });
  });
});

describe('POST /sync/{itemBankId} answers 500 without details', () => {
  type Overrides = NonNullable<Parameters<typeof openItemsApi>[2]>;

  it.each<[why: string, overridesFor: (bank: Bank, api: ItemsApi) => Overrides]>([
    [
      'the token was revoked',
      ({ site }) => ({
        connect: async () => ({ github: connect(site, 'a-revoked-token'), webhookSecret: '' }),
      }),
    ],
    ['the secret cannot be read', () => ({ connect: () => Promise.reject(new Error('confidential')) })],
    [
      'the table does not exist',
      (_, { itemsTable }) => ({ itemsTable: { ...itemsTable, name: 'confidential' } }),
    ],
  ])('when %s', async (_, overridesFor) => {
    const { bank, api, id } = await bankOfOne();
    const { status, body } = await openItemsApi(bank, api, overridesFor(bank, api)).sync(id);
    expect(status).toBe(500);
    expect(body).toEqual({
      type: 'about:blank',
      status: 500,
      title: 'Internal error',
      code: 'INTERNAL_ERROR',
      requestId: 'request-1',
    });
    expect(await rowsOf(api)).toEqual([]);
  });
});
