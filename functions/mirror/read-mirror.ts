import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { paginateQuery, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { ItemBankId } from '../shared/contract/ids.ts';
import { ITEM_INDEXES } from '../shared/contract/names.ts';
import { getRows, queryRows, type Row, type Table } from '../shared/dynamodb.ts';
import { assertReadable } from '../shared/rows.ts';
import type { Revision } from './item-history.ts';
import {
  ITEM_KEYS,
  type ItemJsonRow,
  type ItemKey,
  type MirrorRow,
  REVISION_PREFIX,
  type RevisionRow,
  SCHEMA_VERSION,
} from './mirror-rows.ts';

/** Reads the ITEM rows of these ids, each once, consistently. Ids that have none are left out. */
export async function readMirror(
  itemsTable: Table,
  ids: readonly ItemBankId[],
): Promise<Map<ItemBankId, MirrorRow>> {
  // BatchGetItem refuses a key that comes twice.
  const rows = await getRows(itemsTable, [...new Set(ids)].map(ITEM_KEYS.item));
  return new Map((rows as unknown as MirrorRow[]).map((row) => [row.itemBankId, row]));
}

/** The stored revisions of an item, the oldest first, read consistently. */
export async function readRevisions(itemsTable: Table, itemBankId: ItemBankId): Promise<RevisionRow[]> {
  const rows: Row[] = [];
  const range = { partition: { itemBankId }, prefix: REVISION_PREFIX };
  for await (const row of queryRows(itemsTable, range)) rows.push(row);
  return rows as unknown as RevisionRow[];
}

/** Every row of an item, in the order of the sort keys, read consistently. */
export async function readPartition(itemsTable: Table, itemBankId: ItemBankId): Promise<(Row & ItemKey)[]> {
  const pages = paginateQuery(
    { client: itemsTable.client },
    {
      TableName: itemsTable.name,
      KeyConditionExpression: 'itemBankId = :id',
      ExpressionAttributeValues: { ':id': itemBankId },
      ConsistentRead: true,
    },
  );
  const rows: Row[] = [];
  for await (const { Items = [] } of pages) rows.push(...Items);
  return rows as (Row & ItemKey)[];
}

/** All that the mirror has of an item. */
export interface StoredItem {
  item: MirrorRow;
  /** The text of item.json; absent where there never was a good one. */
  itemJson?: string;
  /** The oldest first. */
  revisions: Revision[];
}

const decompress = promisify(gunzip);

/**
 * Reads an item by one query. While a change is being written, rows of before and after it may come together.
 * @throws SyncError `RowTooNew`.
 */
export async function readItem(itemsTable: Table, itemBankId: ItemBankId): Promise<StoredItem | undefined> {
  const rows = await readPartition(itemsTable, itemBankId);
  const find = (key: ItemKey): unknown => rows.find(({ sk }) => sk === key.sk);
  const item = find(ITEM_KEYS.item(itemBankId)) as MirrorRow | undefined;
  if (!item) return undefined;
  assertReadable(item, SCHEMA_VERSION);
  const json = find(ITEM_KEYS.itemJson(itemBankId)) as ItemJsonRow | undefined;
  const revisions = rows.filter(({ sk }) => sk.startsWith(REVISION_PREFIX));
  return {
    item,
    ...(json && { itemJson: (await decompress(json.gzip)).toString('utf8') }),
    revisions: (revisions as unknown as RevisionRow[]).map(revisionOf),
  };
}

const revisionOf = ({ itemBankId: _id, sk: _sk, ...revision }: RevisionRow): Revision => revision;

/** Every id that has an ITEM row, whatever the row says. One that was written a moment ago may be missed. */
export async function* mirroredIds(itemsTable: Table): AsyncGenerator<ItemBankId> {
  const pages = paginateScan(
    { client: itemsTable.client },
    { TableName: itemsTable.name, IndexName: ITEM_INDEXES.byRepository.name },
  );
  for await (const { Items = [] } of pages) yield* Items.map(idOf);
}

const idOf = ({ itemBankId }: Row): ItemBankId => itemBankId as ItemBankId;

/** What items are looked up by: never empty, and 2,048 bytes at most, where DynamoDB ends a key. */
export type ItemQuery = { itemId: string } | { repositoryName: string } | { stimulusId: string };

/**
 * Looks ITEM rows up by an index and reads them consistently, in the order of their ids. A row that was written a
 * moment ago may be missed; one that says something else by now is left out.
 * @throws SyncError `RowTooNew`.
 */
export async function findItems(itemsTable: Table, query: ItemQuery): Promise<MirrorRow[]> {
  const { name, attribute, value } = indexFor(query);
  const pages = paginateQuery(
    { client: itemsTable.client },
    {
      TableName: itemsTable.name,
      IndexName: name,
      KeyConditionExpression: `${attribute} = :value`,
      ExpressionAttributeValues: { ':value': value },
    },
  );
  const ids: ItemBankId[] = [];
  for await (const { Items = [] } of pages) ids.push(...Items.map(idOf));
  const rows = [...(await readMirror(itemsTable, ids)).values()];
  for (const row of rows) assertReadable(row, SCHEMA_VERSION);
  return rows.filter((row) => row[attribute] === value).toSorted((a, b) => a.itemBankId - b.itemBankId);
}

function indexFor(query: ItemQuery) {
  if ('itemId' in query) return { ...ITEM_INDEXES.byItemId, value: query.itemId };
  if ('stimulusId' in query) return { ...ITEM_INDEXES.byStimulusId, value: query.stimulusId };
  return { ...ITEM_INDEXES.byRepository, value: query.repositoryName };
}
