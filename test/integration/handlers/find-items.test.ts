import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ItemBankId } from '../../../functions/shared/contract/ids.ts';
import { startBank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { fileOf } from '../../support/item-json.ts';
import { ITEMS_TABLE } from '../../support/items-table.ts';
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

/** The items of BANK, mirrored. */
async function openBank(whenFinished?: Parameters<typeof startBank>[1]) {
  const bank = await startBank(EMPTY, whenFinished);
  const api = openItemsApi(bank, await newTable(ITEMS_TABLE));
  const ids: Record<string, ItemBankId> = {};
  for (const [name, item] of Object.entries(BANK)) {
    const repository = await createEmpty(bank, name);
    await commit(bank, repository, { content: fileOf(item) });
    await api.sync(repository.itemBankId);
    ids[name] = repository.itemBankId;
  }
  return { api, ids: ids as Record<Name, ItemBankId> };
}

const found = ({ body }: Answer): unknown[] =>
  (body['items'] as { repository: string }[]).map(({ repository }) => repository);

describe('GET /items finds', () => {
  let mirrored: Awaited<ReturnType<typeof openBank>>;
  let close = async (): Promise<void> => {};

  beforeAll(async () => {
    mirrored = await openBank((closeBank) => {
      close = closeBank;
    });
  });
  afterAll(() => close());

  it.each<[query: Record<string, string>, names: Name[]]>([
    [{ itemId: '11' }, ['item-11']],
    [{ itemId: ' 11 ' }, ['item-11']],
    [{ itemId: '13' }, ['item-13', 'item-13-again']],
    [{ stimulusId: STIMULUS }, ['item-11', 'item-12']],
    [{ repository: 'item-12' }, ['item-12']],
    [{ repository: 'item-bad' }, ['item-bad']],
    [{ itemId: '1' }, []],
    [{ repository: 'item-1' }, []],
    [{ stimulusId: '11' }, []],
  ])('by %j: %j', async (query, names) => {
    const answer = await mirrored.api.find(query);
    expect(answer.status).toBe(200);
    expect(found(answer)).toEqual(names);
  });

  it('what GET /items/{itemBankId} shows, without revisions and item.json', async () => {
    const { api, ids } = mirrored;
    const { revisions, itemJson, ...summary } = (await api.get(ids['item-11'])).body;
    expect({ revisions, itemJson }).toMatchObject({ revisions: [{}], itemJson: BANK['item-11'] });
    expect((await api.find({ itemId: '11' })).body).toEqual({ items: [summary] });
  });

  it('an item that was never good by its repository', async () => {
    expect((await mirrored.api.find({ repository: 'item-bad' })).body).toMatchObject({
      items: [{ mirrored: false, item: null, lastFailure: { reason: 'ITEM_JSON_INVALID' } }],
    });
  });

  it('none that is being removed', async () => {
    const { api, ids } = await openBank();
    await leaveRemovalHalfDone(api, ids['item-11']);
    expect(found(await api.find({ stimulusId: STIMULUS }))).toEqual(['item-12']);
    expect(found(await api.find({ repository: 'item-11' }))).toEqual([]);
  });
});

describe('GET /items', () => {
  // Keys of DynamoDB end at 2,048 bytes.
  it.each([
    ['no parameter', undefined],
    ['two parameters', { itemId: '11', stimulusId: STIMULUS }],
    ['a parameter that it does not know', { itemid: '11' }],
    ['one that it does not know beside one that it knows', { itemId: '11', limit: '5' }],
    ['an empty value', { itemId: '' }],
    ['a blank value', { repository: ' ' }],
    ['more bytes than a key has', { stimulusId: '1'.repeat(2_049) }],
    ['fewer characters than that, of more bytes', { repository: 'ä'.repeat(1_025) }],
  ])('answers 400 to %s', async (_, query) => {
    const api = openItemsApi(await startBank(EMPTY), await newTable(ITEMS_TABLE));
    expect(await api.find(query)).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID', detail: expect.stringContaining('one of itemId, repository') },
    });
  });

  it.each([{ itemId: '1'.repeat(2_048) }, { repository: 'ä'.repeat(1_024) }])(
    'takes as many bytes as a key has',
    async (query) => {
      const api = openItemsApi(await startBank(EMPTY), await newTable(ITEMS_TABLE));
      expect(await api.find(query)).toMatchObject({ status: 200, body: { items: [] } });
    },
  );
});
