import { describe, expect, it } from 'vitest';
import type { Row } from '../../../functions/shared/dynamodb.ts';
import { type Bank, connect, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { fileOf, LEAST_ITEM } from '../../support/item-json.ts';
import { beginRun } from '../../support/run.ts';
import { commit } from '../github/support.ts';
import { type ItemsApi, leaveRemovalHalfDone, openItemsApi, STAGES, startBankOfOne } from './support.ts';

const newTable = useDynamoDb();

const PLACE = { owner: ORGANIZATION, repo: 'item-1' };

const bankOfOne = (options?: Parameters<typeof startBankOfOne>[1]) => startBankOfOne(newTable, options);
const rowsOf = ({ itemsTable }: ItemsApi) => allRows(itemsTable);
const withoutVersion = ({ version: _, ...row }: Row): Row => row;

describe('POST /sync/{itemBankId} answers 200 with what became of the item', () => {
  it('created, unchanged, updated', async () => {
    const { bank, repository, api, id } = await bankOfOne();
    const answer = { itemBankId: id, repository: 'item-1', webhook: 'missing', dryRun: false };
    expect(await api.sync(id)).toMatchObject({ status: 200, body: { ...answer, outcome: 'created' } });
    expect((await api.sync(id)).body).toEqual({ ...answer, outcome: 'unchanged' });
    await commit(bank, repository, { content: fileOf({ ...LEAST_ITEM, type: 'er' }) });
    expect((await api.sync(id)).body).toEqual({ ...answer, outcome: 'updated' });
    expect(api.events.map(({ type }) => type)).toEqual(['ItemCreated', 'ItemUpdated']);
  });

  it('under the name that the repository has now', async () => {
    const { bank, api, id } = await bankOfOne();
    await api.sync(id);
    await bank.github.rest.repos.update({ ...PLACE, name: 'item-renamed' });
    expect((await api.sync(id)).body).toMatchObject({ repository: 'item-renamed', outcome: 'updated' });
  });

  it('failed, with the reason and the last good mirror kept', async () => {
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
    expect((await api.get(id)).body).toMatchObject({ item: { itemId: LEAST_ITEM.id } });
    expect(api.events.map(({ type }) => type)).toEqual(['ItemCreated']);
  });

  it('and looks at the webhook, but creates none', async () => {
    const { bank, api, id } = await bankOfOne();
    await api.sync(id);
    expect(bank.requests(ROUTES.createHook)).toBe(0);
    const config = { url: 'https://item-sync.example.org/webhook' };
    const { data: hook } = await bank.github.rest.repos.createWebhook({ ...PLACE, config });
    expect((await api.sync(id)).body).toMatchObject({ webhook: 'differs' });
    const right = { ...config, content_type: 'json', secret: 'whose is not seen' };
    await bank.github.rest.repos.updateWebhook({ ...PLACE, hook_id: hook.id, config: right });
    expect((await api.sync(id)).body).toMatchObject({ webhook: 'present' });
  });

  it('once, however often and however closely it is asked for', async () => {
    const { api, id } = await bankOfOne();
    const answers = await Promise.all([api.sync(id), api.sync(id), api.sync(id)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.filter(({ body }) => body['outcome'] === 'created')).toHaveLength(1);
    const rows = await rowsOf(api);
    expect((await api.sync(id)).body).toMatchObject({ outcome: 'unchanged' });
    // That it was verified is a version.
    expect((await rowsOf(api)).map(withoutVersion)).toEqual(rows.map(withoutVersion));
  });

  it('while a full run is under way', async () => {
    const bank = await startBank({ repositories: 5, withoutProjectWebhook: 0 });
    const run = await beginRun({ newTable, bank });
    const api = openItemsApi(bank, run.dependencies.itemsTable);
    await run.list();
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    const ids = data.map(({ id }) => String(id));
    const [, ...answers] = await Promise.all([run.batches(), ...ids.map(api.sync)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await run.remove();
    expect(await run.complete()).toMatchObject({ exitCode: 'COMPLETED' });
    expect(await Promise.all(ids.map(async (id) => (await api.get(id)).status))).toEqual(ids.map(() => 200));
  });

  it('after it has finished a removal that was left half done', async () => {
    const { api, id } = await bankOfOne();
    await api.sync(id);
    await leaveRemovalHalfDone(api, id);
    expect((await api.sync(id)).body).toMatchObject({ outcome: 'created' });
    expect(api.events.map(({ type }) => type)).toEqual(['ItemCreated', 'ItemRemoved', 'ItemCreated']);
  });

  it('even while the bus cannot be reached, which is told of the change next time', async () => {
    const { bank, api, id } = await bankOfOne();
    const unheard = openItemsApi(bank, api.itemsTable, {
      publish: () => Promise.reject(new Error('the bus cannot be reached')),
    });
    expect((await unheard.sync(id)).body).toMatchObject({ outcome: 'created' });
    expect(unheard.log.lines).toContainEqual(expect.objectContaining({ level: 'WARN' }));
    expect((await api.sync(id)).body).toMatchObject({ outcome: 'unchanged' });
    expect(api.events).toMatchObject([{ type: 'ItemCreated', detail: { itemBankId: id } }]);
  });

  it('as it would be where every run is a dry run, and writes nothing', async () => {
    const { bank, api, id } = await bankOfOne();
    const dry = openItemsApi(bank, api.itemsTable, { dryRunOnly: true });
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

describe('POST /sync/{itemBankId} answers 404 to an id that the bank does not have', () => {
  const UNKNOWN = { status: 404, body: { code: 'ITEM_BANK_ID_UNKNOWN', detail: expect.any(String) } };

  it('and asks for nothing but the repository', async () => {
    const { bank, api } = await bankOfOne();
    bank.requests(ROUTES.graphql);
    expect(await api.sync('9007199254740991')).toMatchObject(UNKNOWN);
    expect(bank.requests(ROUTES.graphql)).toBe(0);
    expect(await rowsOf(api)).toEqual([]);
  });

  it('any more, and leaves to a full run what the mirror has of it', async () => {
    const { bank, api, id } = await bankOfOne();
    await api.sync(id);
    const rows = await rowsOf(api);
    await bank.github.rest.repos.delete(PLACE);
    expect(await api.sync(id)).toMatchObject(UNKNOWN);
    expect(await rowsOf(api)).toEqual(rows);
  });

  it.each(['visible', 'hidden'] as const)(
    'because it was transferred to where it is %s',
    async (transferred) => {
      const { bank, api, id } = await bankOfOne({ transferred });
      await bank.github.rest.repos.transfer({ ...PLACE, new_owner: 'another-bank' });
      expect(await api.sync(id)).toMatchObject(UNKNOWN);
    },
  );

  it('because it is on the ignore list', async () => {
    const { bank, api, id } = await bankOfOne();
    const ignoring = openItemsApi(bank, api.itemsTable, { ignored: new Set(['item-1']) });
    expect(await ignoring.sync(id)).toMatchObject(UNKNOWN);
    expect(await rowsOf(api)).toEqual([]);
  });
});

it.each(['0', 'item-1', '1e3', '9007199254740992'])(
  'POST /sync/{itemBankId} answers 400 to "%s", which is no id, and asks GitHub nothing',
  async (text) => {
    const { bank, api } = await bankOfOne();
    const asked = new Map(bank.site.traffic.requests);
    expect(await api.sync(text)).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    expect(bank.site.traffic.requests).toEqual(asked);
  },
);

describe('POST /sync/{itemBankId} answers 503 and says when to come back', () => {
  it.each(Object.entries(STAGES))(
    'when GitHub asks to wait at %s, and nothing is written',
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
      expect((await api.sync(id)).body).toMatchObject({ outcome: 'created' });
    },
  );

  it('which is the time at which the quota is there again', async () => {
    const { bank, api, id } = await bankOfOne();
    const reset = String(api.clock.now().getTime() / 1_000 + 1_234);
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
    const outcome = { status: 403, headers, body: { message: 'API rate limit exceeded' } };
    bank.site.fail({ ...STAGES['its head'], outcome });
    expect(await api.sync(id)).toMatchObject({ status: 503, headers: { 'retry-after': 1_234 } });
  });
});

describe('POST /sync/{itemBankId} answers 500 and nothing more', () => {
  type Overrides = NonNullable<Parameters<typeof openItemsApi>[2]>;

  it.each<[why: string, overridesFor: (bank: Bank, api: ItemsApi) => Overrides]>([
    [
      'the token is no longer good',
      ({ site }) => ({
        connect: async () => ({ github: connect(site, 'a-revoked-token'), webhookSecret: '' }),
      }),
    ],
    ['the secret cannot be read', () => ({ connect: () => Promise.reject(new Error('confidential')) })],
    ['there is no table', (_, { itemsTable }) => ({ itemsTable: { ...itemsTable, name: 'confidential' } })],
  ])('when %s', async (_, overridesFor) => {
    const { bank, api, id } = await bankOfOne();
    const { status, body } = await openItemsApi(bank, api.itemsTable, overridesFor(bank, api)).sync(id);
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
