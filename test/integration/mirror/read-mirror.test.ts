import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { recordFailure } from '../../../functions/mirror/bookkeeping.ts';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { findItems, mirroredIds, readItem, readMirror } from '../../../functions/mirror/read-mirror.ts';
import { type ItemBankId, itemBankId } from '../../../functions/shared/contract/ids.ts';
import { putRows, type Table } from '../../../functions/shared/dynamodb.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { bankItem, ID, ITEMS_TABLE, RUN, revisions } from '../../support/items-table.ts';
import { interruptedAfter, store } from './support.ts';

const newTable = useDynamoDb();
const newItems = (): Promise<Table> => newTable(ITEMS_TABLE);

const [SECOND, THIRD] = [itemBankId(2), itemBankId(3)];
const trouble = { reason: 'ITEM_JSON_MISSING', message: 'no item.json' } as const;

/** Three items, two of one stimulus, and a repository without a good item.json. */
async function storeAll(table: Table): Promise<void> {
  const fields = { itemId: '7', type: 'sa' };
  await store(table, bankItem());
  await store(table, bankItem({ itemBankId: SECOND, repositoryName: 'seven', fields }));
  await store(table, bankItem({ itemBankId: THIRD, repositoryName: 'three' }));
  const seen = bankItem({ itemBankId: itemBankId(4), repositoryName: 'bad' });
  await recordFailure(table, { row: undefined, seen, trouble }, RUN);
}

async function idsOf(ids: AsyncIterable<ItemBankId>): Promise<number[]> {
  const found: number[] = [];
  for await (const id of ids) found.push(id);
  return found.toSorted((a, b) => a - b);
}

describe('the mirror', () => {
  it('is read by ids, each with its row, and without those that have none', async () => {
    const table = await newItems();
    await storeAll(table);
    const rows = await readMirror(table, [SECOND, itemBankId(99), ID, SECOND]);
    expect([...rows.keys()].toSorted((a, b) => a - b)).toEqual([SECOND, ID]);
    expect(rows.get(SECOND)).toMatchObject({ repositoryName: 'seven', itemId: '7' });
  });

  it('is read by more ids than one request takes', async () => {
    const table = await newItems();
    const ids = Array.from({ length: 101 }, (_, index) => itemBankId(index + 1));
    const { nodeId, repositoryName, archived } = bankItem();
    await putRows(
      table,
      ids.map((id) => ({ ...ITEM_KEYS.item(id), nodeId, repositoryName, archived, version: 0 })),
    );
    expect((await readMirror(table, ids)).size).toBe(101);
    expect(await idsOf(mirroredIds(table))).toEqual(ids);
  });

  it('is walked over id by id, each once however many rows it has', async () => {
    const table = await newItems();
    await storeAll(table);
    expect(await idsOf(mirroredIds(table))).toEqual([SECOND, THIRD, 4, ID]);
  });
});

describe('an item', () => {
  it('is read with its item.json and its revisions, the oldest first', async () => {
    const table = await newItems();
    const bank = bankItem({ revisions: revisions(12) });
    const row = await store(table, bank);
    expect(await readItem(table, ID)).toEqual({
      item: { sk: 'ITEM', ...row },
      itemJson: bank.itemJson,
      revisions: bank.revisions,
    });
  });

  it('gives its item.json back to the letter', async () => {
    const table = await newItems();
    const itemJson =
      '{ "id": "205030", "__proto__": {"a": 1}, "constructor": null,\n "n": 12345678901234567890, "p": "≤ 🙂 \\ud83d" }';
    await store(table, bankItem({ itemJson }));
    expect((await readItem(table, ID))?.itemJson).toBe(itemJson);
  });

  it('that never was good is read with its failure alone', async () => {
    const table = await newItems();
    await storeAll(table);
    const stored = await readItem(table, itemBankId(4));
    expect(stored).toMatchObject({ item: { repositoryName: 'bad', failure: trouble }, revisions: [] });
    expect(stored).not.toHaveProperty('itemJson');
  });

  it('that is not there is not read', async () => {
    expect(await readItem(await newItems(), ID)).toBeUndefined();
  });
});

describe('items are found', () => {
  const namesBy = async (table: Table, query: Parameters<typeof findItems>[1]): Promise<string[]> =>
    (await findItems(table, query)).map(({ repositoryName }) => repositoryName);

  it('by what people know of them, in the order of their ids', async () => {
    const table = await newItems();
    await storeAll(table);
    expect(await namesBy(table, { itemId: '205030' })).toEqual(['three', '205030']);
    expect(await namesBy(table, { itemId: '7' })).toEqual(['seven']);
    expect(await namesBy(table, { stimulusId: '9001' })).toEqual(['three', '205030']);
    expect(await namesBy(table, { repositoryName: 'bad' })).toEqual(['bad']);
    expect(await namesBy(table, { repositoryName: 'no-such' })).toEqual([]);
  });

  it('no more by what they were before a change', async () => {
    const table = await newItems();
    await storeAll(table);
    await store(table, bankItem({ repositoryName: 'renamed', fields: { itemId: '8', type: 'mc' } }));
    expect(await namesBy(table, { itemId: '205030' })).toEqual(['three']);
    expect(await namesBy(table, { stimulusId: '9001' })).toEqual(['three']);
    expect(await namesBy(table, { repositoryName: '205030' })).toEqual([]);
    expect(await namesBy(table, { repositoryName: 'renamed' })).toEqual(['renamed']);
  });

  it('only if their rows still say what the index said', async () => {
    const table = await newItems();
    await storeAll(table);
    const rename = new UpdateCommand({
      TableName: table.name,
      Key: ITEM_KEYS.item(THIRD),
      UpdateExpression: 'SET itemId = :other',
      ExpressionAttributeValues: { ':other': '9' },
    });
    const late = interruptedAfter(table, 1, () => table.client.send(rename));
    expect(await namesBy(late, { itemId: '205030' })).toEqual(['205030']);
  });
});
