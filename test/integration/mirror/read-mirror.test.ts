import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { recordFailure } from '../../../functions/mirror/bookkeeping.ts';
import { ITEM_KEYS, type ItemKey, SCHEMA_VERSION } from '../../../functions/mirror/mirror-rows.ts';
import {
  findItems,
  findSameItemId,
  mirroredIds,
  readItem,
  readMirror,
  readRevisions,
} from '../../../functions/mirror/read-mirror.ts';
import { type ItemBankId, itemBankId } from '../../../functions/shared/contract/ids.ts';
import { getRow, putRows, type Row, type Table } from '../../../functions/shared/dynamodb.ts';
import { collect } from '../../support/collect.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { asVersion2 } from '../../support/earlier-release.ts';
import { MINIMAL_FIELDS } from '../../support/item-json.ts';
import { bankItem, ID, ITEMS_TABLE, mirrorOf, RUN, revisions } from '../../support/items-table.ts';
import { attributesRead, interruptedAfter, store } from './support.ts';

const newTable = useDynamoDb();
const newItems = (): Promise<Table> => newTable(ITEMS_TABLE);

const [SECOND, THIRD] = [itemBankId(2), itemBankId(3)];
const failure = { reason: 'ITEM_JSON_MISSING', message: 'no item.json' } as const;

/** Three items, two of them of one stimulus, and a repository without a valid item.json. */
async function storeAll(table: Table): Promise<void> {
  const fields = { ...MINIMAL_FIELDS, itemId: '7', type: 'sa' };
  await store(table, bankItem());
  await store(table, bankItem({ itemBankId: SECOND, repositoryName: 'seven', fields }));
  await store(table, bankItem({ itemBankId: THIRD, repositoryName: 'three' }));
  const repository = bankItem({ itemBankId: itemBankId(4), repositoryName: 'bad' });
  await recordFailure(table, { row: undefined, repository, failure }, RUN);
}

async function idsOf(ids: AsyncIterable<ItemBankId>): Promise<number[]> {
  const found: number[] = [];
  for await (const id of ids) found.push(id);
  return found.toSorted((a, b) => a - b);
}

describe('readMirror', () => {
  it('returns the rows by id, and leaves out ids without a row', async () => {
    const table = await newItems();
    await storeAll(table);
    const rows = await readMirror(table, [SECOND, itemBankId(99), ID, SECOND]);
    expect([...rows.keys()].toSorted((a, b) => a - b)).toEqual([SECOND, ID]);
    expect(rows.get(SECOND)).toMatchObject({ repositoryName: 'seven', itemId: '7' });
  });

  it('leaves out what no function reads by name, because a quiet night reads the row of every item', async () => {
    const table = await newItems();
    await storeAll(table);
    const row = (await readMirror(table, [ID])).get(ID);
    const { sk: _, revisionCount, ...named } = (await getRow(table, ITEM_KEYS.item(ID))) ?? {};
    expect(revisionCount).toBe(3);
    expect(row).toMatchObject({ headCommit: named['headCommit'], version: 1 });
    expect(row).not.toHaveProperty('revisionCount');
  });

  it('reads more ids than fit into one request', async () => {
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
});

describe('mirroredIds', () => {
  it('yields each id once, however many rows it has', async () => {
    const table = await newItems();
    await storeAll(table);
    expect(await idsOf(mirroredIds(table))).toEqual([SECOND, THIRD, 4, ID]);
  });
});

describe('readItem', () => {
  it('returns the row, item.json and the revisions, the oldest first', async () => {
    const table = await newItems();
    const bank = bankItem({ revisions: revisions(12) });
    const row = await store(table, bank);
    expect(await readItem(table, ID)).toEqual({
      item: { sk: 'ITEM', ...row },
      itemJson: bank.itemJson,
      keywords: bank.keywords.keywords,
      omittedKeywords: 0,
      revisions: bank.revisions,
    });
  });

  it('returns item.json unchanged', async () => {
    const table = await newItems();
    const itemJson =
      '{ "id": "205030", "__proto__": {"a": 1}, "constructor": null,\n "n": 12345678901234567890, "p": "≤ 🙂 \\ud83d" }';
    await store(table, bankItem({ itemJson }));
    expect((await readItem(table, ID))?.itemJson).toBe(itemJson);
  });

  it('ignores keywords of another item.json, which a release without keywords has left there', async () => {
    const table = await newItems();
    const keywords = { keywords: [{ section: 'Content', content: 'old' }], omitted: 1 };
    await store(table, bankItem({ keywords }));
    const item = await getRow(table, ITEM_KEYS.item(ID));
    await putRows(table, [{ ...item, blobOid: 'another' }]);
    const stored = await readItem(table, ID);
    expect(stored).toMatchObject({ omittedKeywords: 0 });
    expect(stored).not.toHaveProperty('keywords');
  });

  it('returns no keywords of an item that an earlier release wrote, which is different from none', async () => {
    const table = await newItems();
    await store(table, bankItem({ keywords: { keywords: [], omitted: 0 } }));
    expect(await readItem(table, ID)).toMatchObject({ keywords: [] });
    await asVersion2(table);
    expect(await readItem(table, ID)).not.toHaveProperty('keywords');
  });

  it('returns only the failure of an item that has never been valid', async () => {
    const table = await newItems();
    await storeAll(table);
    const stored = await readItem(table, itemBankId(4));
    expect(stored).toMatchObject({ item: { repositoryName: 'bad', failure }, revisions: [] });
    expect(stored).not.toHaveProperty('itemJson');
  });

  it('returns undefined for an id without a row', async () => {
    expect(await readItem(await newItems(), ID)).toBeUndefined();
  });
});

describe('findItems', () => {
  const namesBy = async (table: Table, query: Parameters<typeof findItems>[1]): Promise<string[]> =>
    (await collect(findItems(table, query))).map(({ repositoryName }) => repositoryName);

  it('finds items by item id, stimulus id and repository name, in the order of their ids', async () => {
    const table = await newItems();
    await storeAll(table);
    expect(await namesBy(table, { itemId: '205030' })).toEqual(['three', '205030']);
    expect(await namesBy(table, { itemId: '7' })).toEqual(['seven']);
    expect(await namesBy(table, { stimulusId: '9001' })).toEqual(['three', '205030']);
    expect(await namesBy(table, { repositoryName: 'bad' })).toEqual(['bad']);
    expect(await namesBy(table, { repositoryName: 'no-such' })).toEqual([]);
  });

  it('does not find items by values they had before a change', async () => {
    const table = await newItems();
    await storeAll(table);
    await store(table, bankItem({ repositoryName: 'renamed', fields: { ...MINIMAL_FIELDS, itemId: '8' } }));
    expect(await namesBy(table, { itemId: '205030' })).toEqual(['three']);
    expect(await namesBy(table, { stimulusId: '9001' })).toEqual(['three']);
    expect(await namesBy(table, { repositoryName: '205030' })).toEqual([]);
    expect(await namesBy(table, { repositoryName: 'renamed' })).toEqual(['renamed']);
  });

  it('leaves out rows that have changed since the index was read', async () => {
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

describe('findSameItemId', () => {
  const ITEM = { itemBankId: ID, itemId: '205030' };
  const setAttribute = (table: Table, id: ItemBankId, attribute: string, value: unknown) =>
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: ITEM_KEYS.item(id),
        UpdateExpression: `SET ${attribute} = :value`,
        ExpressionAttributeValues: { ':value': value },
      }),
    );

  it('names the other repositories of an item id', async () => {
    const table = await newItems();
    await storeAll(table);
    expect(await findSameItemId(table, ITEM)).toEqual([{ itemBankId: THIRD, repositoryName: 'three' }]);
    expect(await findSameItemId(table, { itemBankId: SECOND, itemId: '7' })).toEqual([]);
    expect(await findSameItemId(table, { itemBankId: ID, itemId: '404' })).toEqual([]);
  });

  it('reads no more of them than their names', async () => {
    const table = await newItems();
    await storeAll(table);
    const read = await attributesRead(table, (items) => findSameItemId(items, ITEM));
    expect([...read].sort()).toEqual(['itemBankId', 'itemId', 'repositoryName']);
  });

  it('names nine at most', async () => {
    const table = await newItems();
    const { nodeId, repositoryName, archived } = bankItem();
    const item = { nodeId, repositoryName, archived, version: 0, itemId: '205030' };
    const ids = Array.from({ length: 20 }, (_, index) => itemBankId(index + 1));
    await putRows(
      table,
      ids.map((id) => ({ ...ITEM_KEYS.item(id), ...item })),
    );
    const others = await findSameItemId(table, { itemBankId: itemBankId(1), itemId: '205030' });
    expect(others.length).toBeGreaterThanOrEqual(9);
    expect(others.length).toBeLessThanOrEqual(10);
  });

  it('does not name a repository whose item is being removed', async () => {
    const table = await newItems();
    await storeAll(table);
    await setAttribute(table, THIRD, 'removal', { reason: 'DELETED', at: '2026-11-23T09:00:00.000Z' });
    expect(await findSameItemId(table, ITEM)).toEqual([]);
  });

  it('does not name a repository whose item got another id since the index was read', async () => {
    const table = await newItems();
    await storeAll(table);
    const late = interruptedAfter(table, 1, () => setAttribute(table, THIRD, 'itemId', '9'));
    expect(await findSameItemId(late, ITEM)).toEqual([]);
  });

  it('is not affected by a row of another item that cannot be read', async () => {
    const table = await newItems();
    await storeAll(table);
    await setAttribute(table, THIRD, 'repositoryName', 'kept');
    await setAttribute(table, THIRD, 'version', 'seven');
    expect(await findSameItemId(table, ITEM)).toEqual([{ itemBankId: THIRD, repositoryName: 'kept' }]);
  });
});

describe('rows that this release cannot read', () => {
  async function change(table: Table, key: ItemKey, attributes: Row): Promise<void> {
    const [row] = (await allRows(table)).filter(({ sk }) => sk === key.sk);
    await putRows(table, [{ ...row, ...attributes }]);
  }
  const REVISION = ITEM_KEYS.revision(ID, 2, 'main-1');

  it.each([
    ['ITEM', ITEM_KEYS.item(ID), { archived: 'no' }],
    ['ITEM_JSON', ITEM_KEYS.itemJson(ID), { gzip: 'text' }],
    ['REVISION', REVISION, { author: 7 }],
  ])('are named by the error of reading the item: %s', async (_, key, attributes) => {
    const table = await newItems();
    await store(table, bankItem());
    await change(table, key, attributes);
    const message = expect.stringContaining(`the row ${key.sk} of item bank id ${ID} cannot be read`);
    await expect(readItem(table, ID)).rejects.toMatchObject({ name: 'RowInvalid', message });
  });

  it('are overwritten by the next change of the item if a newer release wrote them', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const mirror = await mirrorOf(table);
    await change(table, ITEM_KEYS.item(ID), { schemaVersion: SCHEMA_VERSION + 1, branch: ['main'] });
    await change(table, REVISION, { author: { name: 'alice' } });
    expect(await readRevisions(table, ID)).toMatchObject([{ sha: 'main-0' }, REVISION, { sha: 'main-2' }]);
    await expect(readItem(table, ID)).rejects.toMatchObject({ name: 'RowTooNew' });
    expect(await store(table, bankItem())).toMatchObject({ version: 2, change: 'updated' });
    expect(await mirrorOf(table)).toEqual(mirror);
  });
});
