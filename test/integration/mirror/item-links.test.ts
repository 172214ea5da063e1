import { describe, expect, it } from 'vitest';
import { type ItemLinks, readLinks } from '../../../functions/mirror/item-links.ts';
import { ITEM_KEYS, SCHEMA_VERSION } from '../../../functions/mirror/mirror-rows.ts';
import { itemBankId } from '../../../functions/shared/contract/ids.ts';
import { putRows, type Table } from '../../../functions/shared/dynamodb.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { MINIMAL_FIELDS } from '../../support/item-json.ts';
import { bankItem, ITEMS_TABLE } from '../../support/items-table.ts';
import { attributesRead, readRow, store } from './support.ts';

const newTable = useDynamoDb();

interface Item {
  id: number;
  itemId: string;
  type: string;
  stimulusId?: string;
}
const STIMULUS: Item = { id: 90, itemId: '900', type: 'stim' };
const FIRST: Item = { id: 11, itemId: '11', type: 'mc', stimulusId: '900' };
const SECOND: Item = { id: 12, itemId: '12', type: 'sa', stimulusId: '900' };

async function storeItem(table: Table, { id, ...fields }: Item): Promise<void> {
  const item = { itemBankId: itemBankId(id), repositoryName: `item-${id}` };
  await store(table, bankItem({ ...item, fields: { ...MINIMAL_FIELDS, ...fields } }));
}

async function linksOf(table: Table, { id }: Item): Promise<ItemLinks | undefined> {
  const row = await readRow(table, itemBankId(id));
  return row && readLinks(table, row);
}

describe('the links between items and stimuli', () => {
  it.each([
    ['the stimulus comes first', [STIMULUS, FIRST, SECOND]],
    ['the stimulus comes last', [FIRST, SECOND, STIMULUS]],
  ])('are the same whether %s', async (_, items) => {
    const table = await newTable(ITEMS_TABLE);
    for (const item of items) await storeItem(table, item);
    expect(await linksOf(table, STIMULUS)).toEqual({ associatedItemCount: 2 });
    expect(await linksOf(table, FIRST)).toEqual({ associatedItemCount: 0, stimulusItemBankId: 90 });
  });

  it('follow changes, and do not depend on how often an item was saved', async () => {
    const table = await newTable(ITEMS_TABLE);
    for (const item of [STIMULUS, FIRST, SECOND, FIRST, FIRST]) await storeItem(table, item);
    await storeItem(table, { id: 12, itemId: '12', type: 'sa' });
    expect(await linksOf(table, STIMULUS)).toEqual({ associatedItemCount: 1 });
    await storeItem(table, { ...STIMULUS, itemId: '901' });
    expect(await linksOf(table, STIMULUS)).toEqual({ associatedItemCount: 0 });
    expect(await linksOf(table, FIRST)).toEqual({ associatedItemCount: 0 });
  });

  it('are only between stimuli and items of other types', async () => {
    const table = await newTable(ITEMS_TABLE);
    for (const item of [STIMULUS, { ...FIRST, type: 'stim' }, { id: 13, itemId: '13', type: 'mc' }]) {
      await storeItem(table, item);
    }
    await storeItem(table, { ...SECOND, stimulusId: '13' });
    expect(await linksOf(table, STIMULUS)).toEqual({ associatedItemCount: 0 });
    expect(await linksOf(table, SECOND)).toEqual({ associatedItemCount: 0 });
  });

  it('lead to the first of several stimuli with one item id', async () => {
    const table = await newTable(ITEMS_TABLE);
    for (const item of [STIMULUS, { ...STIMULUS, id: 80 }, FIRST]) await storeItem(table, item);
    expect(await linksOf(table, FIRST)).toMatchObject({ stimulusItemBankId: 80 });
  });

  it('ignore items that are being removed, and need not understand rows of a later release', async () => {
    const table = await newTable(ITEMS_TABLE);
    for (const item of [STIMULUS, FIRST, SECOND]) await storeItem(table, item);
    const [first, second] = [await readRow(table, itemBankId(11)), await readRow(table, itemBankId(12))];
    await putRows(table, [
      { ...ITEM_KEYS.item(itemBankId(11)), ...first, removal: { reason: 'DELETED', at: 'now' } },
      { ...ITEM_KEYS.item(itemBankId(12)), ...second, schemaVersion: SCHEMA_VERSION + 1, version: 'new' },
    ]);
    expect(await linksOf(table, STIMULUS)).toEqual({ associatedItemCount: 1 });
  });

  it('read no more of the other items than they need, because a row can have 400 KB', async () => {
    const table = await newTable(ITEMS_TABLE);
    for (const item of [STIMULUS, FIRST]) await storeItem(table, item);
    const row = await readRow(table, itemBankId(90));
    const read = await attributesRead(table, async (items) => row && readLinks(items, row));
    expect([...read].sort()).toEqual(['itemBankId', 'itemId', 'stimulusId', 'type']);
  });
});
