import { chunksOf } from '../shared/chunks.ts';
import type { Table, TransactionAction } from '../shared/dynamodb.ts';
import type { ItemKey } from './mirror-rows.ts';

// TransactWriteItems takes 100 actions and 4 MB. Three actions and 1.2 MB are left for ITEM, ITEM_JSON and KEYWORDS.
const MAX_CHANGES = 97;
const MAX_BYTES = 2_800_000;

/** Divides changes of rows other than ITEM, ITEM_JSON and KEYWORDS into transactions that have room for these as well. */
export function transactionsOf(
  { name: TableName }: Table,
  changes: { put?: readonly ItemKey[]; delete: readonly ItemKey[] },
): TransactionAction[][] {
  const { put = [], delete: deleted } = changes;
  const actions = [
    ...put.map((row) => ({ action: { Put: { TableName, Item: row } }, bytes: rowBytes(row) })),
    ...deleted.map((row) => {
      const { itemBankId, sk } = row;
      return { action: { Delete: { TableName, Key: { itemBankId, sk } } }, bytes: rowBytes(row) };
    }),
  ];
  const groups = chunksOf(actions, { count: MAX_CHANGES, bytes: MAX_BYTES, bytesOf: ({ bytes }) => bytes });
  return groups.map((group) => group.map(({ action }) => action));
}

/**
 * The size that DynamoDB counts for a row, give or take a few bytes: names and values in UTF-8. For lists and maps it
 * adds about as much as JSON does with quotes and commas.
 */
export function rowBytes(row: object): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(row)) {
    const encoded = value instanceof Uint8Array ? value : (JSON.stringify(value) ?? '');
    bytes += Buffer.byteLength(name) + Buffer.byteLength(encoded);
  }
  return bytes;
}
