import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ITEM_KEYS, SCHEMA_VERSION } from '../../../functions/mirror/mirror-rows.ts';
import { type ItemBankId, itemBankId } from '../../../functions/shared/contract/ids.ts';
import { putRows } from '../../../functions/shared/dynamodb.ts';
import { startBank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { fileOf } from '../../support/item-json.ts';
import { ITEMS_TABLE } from '../../support/items-table.ts';
import { newTables } from '../../support/run.ts';
import { commit, createEmpty } from '../github/support.ts';
import { type Answer, leaveRemovalHalfDone, openItemsApi } from './support.ts';

const newTable = useDynamoDb();

const STIMULUS = '9001';
const BANK = {
  'stim-9001': { id: STIMULUS, type: 'stim' },
  'item-11': { id: '11', type: 'mc', core: { stimulusId: STIMULUS } },
  'item-12': { id: '12', type: 'er', core: { stimulusId: STIMULUS } },
  'item-13': { id: '13', type: 'er' },
  'item-13-again': { id: '13', type: 'er' },
  'item-bad': 'no item',
};
type Name = keyof typeof BANK;

const EMPTY = { repositories: 0, withoutProjectWebhook: 0 };

/** Starts a bank with the items of BANK and mirrors them. */
async function mirrorBank(whenFinished?: Parameters<typeof startBank>[1]) {
  const bank = await startBank(EMPTY, whenFinished);
  const api = openItemsApi(bank, await newTables(newTable));
  const ids: Record<string, ItemBankId> = {};
  for (const [name, item] of Object.entries(BANK)) {
    const repository = await createEmpty(bank, name);
    await commit(bank, repository, { content: fileOf(item) });
    await api.sync(repository.itemBankId);
    ids[name] = repository.itemBankId;
  }
  return { api, ids: ids as Record<Name, ItemBankId> };
}

const repositoriesOf = ({ body }: Answer): unknown[] =>
  (body['items'] as { repository: string }[]).map(({ repository }) => repository);

describe('GET /items on a mirrored bank', () => {
  let mirrored: Awaited<ReturnType<typeof mirrorBank>>;
  let close = async (): Promise<void> => {};

  beforeAll(async () => {
    mirrored = await mirrorBank((closeBank) => {
      close = closeBank;
    });
  });
  afterAll(() => close());

  it.each<[query: Record<string, string>, names: Name[]]>([
    [{ itemId: '11' }, ['item-11']],
    [{ itemId: ' 11 ' }, ['item-11']],
    [{ itemId: '13' }, ['item-13', 'item-13-again']],
    [{ itemId: '0013' }, ['item-13', 'item-13-again']],
    [{ stimulusId: STIMULUS }, ['item-11', 'item-12']],
    [{ stimulusId: `00${STIMULUS}` }, ['item-11', 'item-12']],
    [{ repository: 'item-12' }, ['item-12']],
    [{ repository: 'item-bad' }, ['item-bad']],
    [{ itemId: '1' }, []],
    [{ repository: 'item-1' }, []],
    [{ stimulusId: '11' }, []],
  ])('answers %j with the items %j', async (query, names) => {
    const answer = await mirrored.api.find(query);
    expect(answer.status).toBe(200);
    expect(repositoriesOf(answer)).toEqual(names);
  });

  it('returns what GET /items/{itemBankId} returns, without what other rows have', async () => {
    const { api, ids } = mirrored;
    const { revisions, keywords, itemJson, item, ...summary } = (await api.get(ids['item-11'])).body;
    const { associatedItemCount, stimulusItemBankId, ...fields } = item as Record<string, unknown>;
    expect({ keywords, associatedItemCount, stimulusItemBankId }).toEqual({
      keywords: [],
      associatedItemCount: 0,
      stimulusItemBankId: ids['stim-9001'],
    });
    expect({ revisions, itemJson }).toMatchObject({ revisions: [{}], itemJson: BANK['item-11'] });
    expect((await api.find({ itemId: '11' })).body).toEqual({ items: [{ ...summary, item: fields }] });
  });

  it('finds by repository an item that was never valid', async () => {
    expect((await mirrored.api.find({ repository: 'item-bad' })).body).toMatchObject({
      items: [{ mirrored: false, item: null, lastFailure: { reason: 'ITEM_JSON_INVALID' } }],
    });
  });

  it('has pages, whose cursors belong to their query', async () => {
    const { api } = mirrored;
    const first = await api.find({ stimulusId: STIMULUS, limit: '1' });
    expect(repositoriesOf(first)).toEqual(['item-11']);
    const cursor = String(first.body['next']);
    const second = await api.find({ stimulusId: `0${STIMULUS}`, limit: '1', cursor });
    expect(repositoriesOf(second)).toEqual(['item-12']);
    expect(second.body).not.toHaveProperty('next');
    const damaged = [cursor.slice(1), `${cursor}.`, cursor.toLowerCase(), `${cursor}=`];
    for (const query of [
      { itemId: '13', cursor },
      ...damaged.map((wrong) => ({ stimulusId: STIMULUS, cursor: wrong })),
    ]) {
      expect(await api.find(query)).toMatchObject({
        status: 400,
        body: { code: 'REQUEST_INVALID', detail: expect.stringMatching(/^cursor is damaged/) },
      });
    }
  });

  it('does not find an item that is being removed', async () => {
    const { api, ids } = await mirrorBank();
    await leaveRemovalHalfDone(api, ids['item-11']);
    expect(repositoriesOf(await api.find({ stimulusId: STIMULUS }))).toEqual(['item-12']);
    expect(repositoriesOf(await api.find({ repository: 'item-11' }))).toEqual([]);
  });
});

describe('GET /items', () => {
  // A DynamoDB partition key has at most 2,048 bytes.
  it.each([
    ['no parameter', undefined],
    ['two parameters', { itemId: '11', stimulusId: STIMULUS }],
    ['an unknown parameter', { itemid: '11' }],
    ['an unknown parameter beside a known one', { itemId: '11', sort: 'id' }],
    ['an empty value', { itemId: '' }],
    ['a blank value', { repository: ' ' }],
    ['a value of 2,049 bytes', { stimulusId: '1'.repeat(2_049) }],
    ['a value of 1,025 characters and 2,050 bytes', { repository: 'ä'.repeat(1_025) }],
  ])('answers 400 to %s', async (_, query) => {
    const api = openItemsApi(await startBank(EMPTY), await newTables(newTable));
    expect(await api.find(query)).toMatchObject({
      status: 400,
      body: {
        code: 'REQUEST_INVALID',
        detail: expect.stringContaining('give exactly one of itemId, repository, stimulusId'),
      },
    });
  });

  it.each([
    [{ limit: '0' }, 'limit must be a number from 1 to 100'],
    [{ limit: '101' }, 'limit must be a number from 1 to 100'],
    [{ limit: '1.5' }, 'limit must be a number from 1 to 100'],
    [{ limit: '' }, 'limit must be a number from 1 to 100'],
    ...['abc', '', '1', 'MTAwLjAxMjM0NTY3ODlhYmNkZWY', '%', 'ä'].map((cursor): [object, string] => [
      { cursor },
      'cursor is damaged or belongs to another query: take the `next` of the page before',
    ]),
    [
      { sort: 'id' },
      'unknown parameter sort; give exactly one of itemId, repository, stimulusId, with 1 to 2048 bytes',
    ],
  ])('names what is wrong with %j', async (parameters, detail) => {
    const api = openItemsApi(await startBank(EMPTY), await newTables(newTable));
    expect(await api.find({ itemId: '11', ...parameters })).toMatchObject({ status: 400, body: { detail } });
  });

  it('has pages of at most 4 MB, which together have every item once', async () => {
    const itemsTable = await newTable(ITEMS_TABLE);
    const ids = Array.from({ length: 25 }, (_, index) => itemBankId(1_000 + index));
    // As large as the row of an author who claims the item id of others.
    const keywords = 'x'.repeat(290_000);
    const common = {
      nodeId: 'R_1',
      repositoryName: 'item',
      archived: false,
      version: 1,
      schemaVersion: SCHEMA_VERSION,
    };
    await putRows(
      itemsTable,
      ids.map((id) => ({
        ...ITEM_KEYS.item(id),
        ...common,
        headCommit: 'c',
        itemId: '11',
        type: 'mc',
        keywords,
      })),
    );
    const api = openItemsApi(await startBank(EMPTY), { ...(await newTables(newTable)), itemsTable });
    const found: unknown[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const answer = await api.find({ itemId: '11', ...(cursor !== undefined && { cursor }) });
      expect(answer.status).toBe(200);
      found.push(...(answer.body['items'] as { itemBankId: number }[]).map(({ itemBankId: id }) => id));
      sizes.push(JSON.stringify(answer.body).length);
      cursor = answer.body['next'] as string | undefined;
    } while (cursor !== undefined);
    expect(found).toEqual(ids);
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThan(4_100_000);
  });

  it.each([{ itemId: '1'.repeat(2_048) }, { repository: 'ä'.repeat(1_024) }])(
    'accepts a value of 2,048 bytes',
    async (query) => {
      const api = openItemsApi(await startBank(EMPTY), await newTables(newTable));
      expect(await api.find(query)).toMatchObject({ status: 200, body: { items: [] } });
    },
  );
});
