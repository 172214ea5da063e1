import { chunksOf } from '../shared/chunks.ts';
import type { Row, Table, TransactionAction } from '../shared/dynamodb.ts';
import type { ItemKey, RevisionRow } from './mirror-rows.ts';

/** A change to a row beside ITEM. */
export interface RowChange {
  action: TransactionAction;
  /** What the row counts for in its transaction. */
  bytes: number;
}

// TransactWriteItems takes 100 actions and 4 MB. Two actions and 1 MB are left to ITEM and ITEM_JSON.
const MOST_CHANGES = 98;
const MOST_BYTES = 3_000_000;

export function putChange(itemsTable: Table, row: RevisionRow): RowChange {
  return { action: { Put: { TableName: itemsTable.name, Item: { ...row } } }, bytes: rowBytes({ ...row }) };
}

export function deleteChange(itemsTable: Table, row: ItemKey): RowChange {
  const { itemBankId, sk } = row;
  return {
    action: { Delete: { TableName: itemsTable.name, Key: { itemBankId, sk } } },
    bytes: rowBytes({ ...row }),
  };
}

/** Divides changes into transactions that have room for ITEM and ITEM_JSON as well. */
export function inTransactions(changes: readonly RowChange[]): TransactionAction[][] {
  const packs = chunksOf(changes, { count: MOST_CHANGES, bytes: MOST_BYTES, bytesOf: ({ bytes }) => bytes });
  return packs.map((pack) => pack.map(({ action }) => action));
}

/**
 * What DynamoDB counts for a row, give or take a few bytes: names and values in UTF-8. It adds about as much to lists
 * and maps as JSON does by quotes and commas.
 */
export function rowBytes(row: Row): number {
  return Object.entries(row).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

const valueBytes = (value: unknown): number =>
  value instanceof Uint8Array ? value.byteLength : Buffer.byteLength(JSON.stringify(value) ?? '');
