import { promisify } from 'node:util';
import { gunzip, type ZlibOptions } from 'node:zlib';
import { paginateQuery, paginateScan, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import { ITEM_INDEXES } from '../shared/contract/names.ts';
import type { NamedRepository } from '../shared/contract/repositories.ts';
import { getRows, queryRows, type Table } from '../shared/dynamodb.ts';
import { assertReadable } from '../shared/rows.ts';
import type { Revision } from './item-history.ts';
import { MAX_ITEM_JSON_BYTES } from './item-json.ts';
import type { Keyword } from './keywords.ts';
import {
  ITEM_ATTRIBUTES,
  ITEM_KEYS,
  ItemJsonCodec,
  type ItemKey,
  ItemKeyCodec,
  isMirrored,
  KeywordsCodec,
  type KeywordsRow,
  type MirrorRow,
  NAMED_ITEM_ATTRIBUTES,
  NamedItemCodec,
  parseItem,
  parseMirrorRow,
  REVISION_PREFIX,
  RevisionCodec,
  SCHEMA_VERSION,
  type StoredRevision,
} from './mirror-rows.ts';

const decompress = promisify<Uint8Array, ZlibOptions, Buffer>(gunzip);

/**
 * Reads the ITEM rows of these ids, each once, consistently, without the attributes that no function reads by name. Ids
 * without a row are left out.
 * @throws SyncError `RowInvalid`, `RowTooNew`: see parseItem.
 */
export function readMirror(
  itemsTable: Table,
  ids: readonly ItemBankId[],
): Promise<Map<ItemBankId, MirrorRow>> {
  return readRows(itemsTable, ids, ITEM_ATTRIBUTES);
}

/** As `readMirror`, but with all attributes. */
async function readRows(
  itemsTable: Table,
  ids: readonly ItemBankId[],
  attributes?: readonly string[],
): Promise<Map<ItemBankId, MirrorRow>> {
  // BatchGetItem rejects duplicate keys.
  const keys = [...new Set(ids)].map(ITEM_KEYS.item);
  const rows = await getRows(itemsTable, keys, attributes);
  return new Map(rows.map(parseItem).map((row) => [row.itemBankId, row]));
}

/**
 * The stored revisions of an item, the oldest first, read consistently. Those of a newer release may be unreadable:
 * their keys are enough to replace or delete them.
 */
export async function readRevisions(itemsTable: Table, itemBankId: ItemBankId): Promise<StoredRevision[]> {
  const revisions: StoredRevision[] = [];
  for await (const row of queryRows(itemsTable, { partition: { itemBankId }, prefix: REVISION_PREFIX })) {
    const { sk } = parseMirrorRow(ItemKeyCodec, row);
    revisions.push(RevisionCodec.safeParse(row).data ?? { itemBankId, sk });
  }
  return revisions;
}

/**
 * The text of item.json as a release stored it, read consistently.
 * @returns undefined if the row is not there, is that of another blob, or cannot be read: GitHub has the text as well.
 */
export async function readStoredText(
  itemsTable: Table,
  { itemBankId, blobOid }: { itemBankId: ItemBankId; blobOid: string },
): Promise<Uint8Array | undefined> {
  const [row] = await getRows(itemsTable, [ITEM_KEYS.itemJson(itemBankId)]);
  const { data } = ItemJsonCodec.safeParse(row);
  if (data?.blobOid !== blobOid) return undefined;
  return decompress(data.gzip, { maxOutputLength: MAX_ITEM_JSON_BYTES }).catch(() => undefined);
}

/** Every row of an item, in the order of the sort keys, read consistently. */
export async function readPartition(itemsTable: Table, itemBankId: ItemBankId): Promise<ItemKey[]> {
  const pages = paginateQuery(
    { client: itemsTable.client },
    {
      TableName: itemsTable.name,
      KeyConditionExpression: 'itemBankId = :id',
      ExpressionAttributeValues: { ':id': itemBankId },
      ConsistentRead: true,
    },
  );
  const rows: ItemKey[] = [];
  for await (const { Items = [] } of pages)
    rows.push(...Items.map((row) => parseMirrorRow(ItemKeyCodec, row)));
  return rows;
}

/** All that the mirror has of an item. */
export interface StoredItem {
  item: MirrorRow;
  /** The text of item.json; absent if there has never been a valid one. */
  itemJson?: string;
  /** Absent if it is not known which ones the item has. */
  keywords?: Keyword[];
  /** How many keywords did not fit into their row. */
  omittedKeywords: number;
  /** The oldest first. */
  revisions: Revision[];
}

/**
 * Reads an item by one query. While a change is being written, the result may mix rows from before and after it.
 * @throws SyncError `RowTooNew`, `RowInvalid`.
 */
export async function readItem(itemsTable: Table, itemBankId: ItemBankId): Promise<StoredItem | undefined> {
  const rows = await readPartition(itemsTable, itemBankId);
  const rowByKey = new Map(rows.map((row) => [row.sk, row]));
  const itemRow = rowByKey.get(ITEM_KEYS.item(itemBankId).sk);
  if (!itemRow) return undefined;
  const item = parseItem(itemRow);
  assertReadable(item, SCHEMA_VERSION);
  const jsonRow = rowByKey.get(ITEM_KEYS.itemJson(itemBankId).sk);
  const json = jsonRow && (await decompress(parseMirrorRow(ItemJsonCodec, jsonRow).gzip, {}));
  const keywordsRow = rowByKey.get(ITEM_KEYS.keywords(itemBankId).sk);
  const searched = keywordsIn(item, keywordsRow && parseMirrorRow(KeywordsCodec, keywordsRow));
  const revisions = rows.flatMap((row): Revision[] => {
    if (!row.sk.startsWith(REVISION_PREFIX)) return [];
    const { itemBankId: _id, sk: _sk, ...revision } = parseMirrorRow(RevisionCodec, row);
    return [revision];
  });
  const itemJson = json && { itemJson: json.toString('utf8') };
  return { item, ...itemJson, ...searched, revisions };
}

function keywordsIn(
  item: MirrorRow,
  row: KeywordsRow | undefined,
): Pick<StoredItem, 'keywords' | 'omittedKeywords'> {
  // A release without keywords does not change this row when it writes the item.
  if (row && row.blobOid === item.blobOid) {
    return { keywords: row.keywords, omittedKeywords: row.omitted ?? 0 };
  }
  // Of this release an item without keywords has no row. Of an earlier one it may have keywords that were never stored.
  const hasNone = !row && (item.schemaVersion === SCHEMA_VERSION || !isMirrored(item));
  return { ...(hasNone && { keywords: [] }), omittedKeywords: 0 };
}

/** Every id that has an ITEM row, whatever the row says. A row that was written a moment ago may be missing. */
export async function* mirroredIds(itemsTable: Table): AsyncGenerator<ItemBankId> {
  const pages = paginateScan(
    { client: itemsTable.client },
    { TableName: itemsTable.name, IndexName: ITEM_INDEXES.byRepository.name },
  );
  for await (const { Items = [] } of pages) {
    for (const row of Items) yield parseMirrorRow(ItemKeyCodec, row).itemBankId;
  }
}

/** A key to find items by: never empty, and at most 2,048 bytes, DynamoDB's limit for keys. */
export type ItemQuery = { itemId: string } | { repositoryName: string } | { stimulusId: string };

// A row can have 400 KB, and most callers want few rows.
const ROWS_AT_ONCE = 10;

/**
 * Finds ITEM rows by an index and reads them consistently, in the order of their ids, those up to `after` left out. A row
 * that was written a moment ago may be missing. A row that no longer has the requested value is left out.
 * @throws SyncError `RowTooNew`, `RowInvalid`.
 */
export async function* findItems(itemsTable: Table, query: ItemQuery, after = 0): AsyncGenerator<MirrorRow> {
  const { attribute, value } = indexFor(query);
  const wanted = (await findIds(itemsTable, query)).filter((id) => id > after);
  for (const chunk of chunksOf(wanted, { count: ROWS_AT_ONCE })) {
    const rows = await readRows(itemsTable, chunk);
    for (const id of chunk) {
      const row = rows.get(id);
      if (row?.[attribute] !== value) continue;
      assertReadable(row, SCHEMA_VERSION);
      yield row;
    }
  }
}

/** The ids of the ITEM rows that an index has, in their order. Their rows may have other values by now. */
export async function findIds(itemsTable: Table, query: ItemQuery): Promise<ItemBankId[]> {
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
  for await (const { Items = [] } of pages) {
    ids.push(...Items.map((row) => parseMirrorRow(ItemKeyCodec, row).itemBankId));
  }
  return [...new Set(ids)].toSorted((a, b) => a - b);
}

// A template that was copied a thousand times must not cost a thousand reads for each copy.
const MAX_SAME_ITEM_ID = 10;

/**
 * Other repositories whose items have the item id of this one: nine at most, in the order of their ids. One that was
 * written a moment ago may be missing, because the index is eventually consistent. A row that cannot be read is left out,
 * because it is not the row of this item.
 */
export async function findSameItemId(
  itemsTable: Table,
  { itemBankId, itemId }: { itemBankId: ItemBankId; itemId: string },
): Promise<NamedRepository[]> {
  const { Items = [] } = await itemsTable.client.send(
    new QueryCommand({
      TableName: itemsTable.name,
      IndexName: ITEM_INDEXES.byItemId.name,
      KeyConditionExpression: `${ITEM_INDEXES.byItemId.attribute} = :value`,
      ExpressionAttributeValues: { ':value': itemId },
      Limit: MAX_SAME_ITEM_ID,
    }),
  );
  const others = Items.map((row) => parseMirrorRow(ItemKeyCodec, row).itemBankId).filter(
    (id) => id !== itemBankId,
  );
  if (others.length === 0) return [];
  const rows = await getRows(itemsTable, others.map(ITEM_KEYS.item), NAMED_ITEM_ATTRIBUTES);
  return rows
    .flatMap((row) => NamedItemCodec.safeParse(row).data ?? [])
    .filter((row) => row.itemId === itemId && row.removal === undefined)
    .map(({ itemBankId: id, repositoryName }) => ({ itemBankId: id, repositoryName }))
    .toSorted((a, b) => a.itemBankId - b.itemBankId);
}

function indexFor(query: ItemQuery) {
  if ('itemId' in query) return { ...ITEM_INDEXES.byItemId, value: query.itemId };
  if ('stimulusId' in query) return { ...ITEM_INDEXES.byStimulusId, value: query.stimulusId };
  return { ...ITEM_INDEXES.byRepository, value: query.repositoryName };
}
