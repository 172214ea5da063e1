import type { Reason } from '../shared/contract/job-execution.ts';
import { type Table, transact } from '../shared/dynamodb.ts';
import { updateOf, type WriteContext } from './bookkeeping.ts';
import {
  ITEM_KEYS,
  isMirrored,
  isTombstone,
  type MirrorRow,
  type Removal,
  type Tombstone,
} from './mirror-rows.ts';
import { changeOf, type Publish } from './publish.ts';
import { readMirror, readPartition } from './read-mirror.ts';
import { transactionsOf } from './row-changes.ts';

export interface RemovalRequest extends Pick<WriteContext, 'now' | 'cause' | 'jobExecutionId'> {
  reason: Reason;
  publish: Publish;
}

/**
 * Removes an item: first ITEM gets a tombstone, which blocks every other writer. Then the other rows are deleted, the
 * event is published, and ITEM is deleted last. The next removal finishes one that was interrupted.
 * @returns `conflict` if another writer came in between. The item is then as that writer left it.
 */
export async function removeItem(
  itemsTable: Table,
  row: MirrorRow,
  { reason, now, cause, jobExecutionId, publish }: RemovalRequest,
): Promise<'removed' | 'conflict'> {
  const { itemBankId, version } = row;
  const removal: Removal = {
    reason,
    at: now.toISOString(),
    cause,
    ...(jobExecutionId !== undefined && { jobExecutionId }),
  };
  const set = { removal, version: version + 1 };
  const broken = await transact(itemsTable, [{ Update: updateOf(itemsTable, { itemBankId, version, set }) }]);
  const left = broken ? (await readMirror(itemsTable, [itemBankId])).get(itemBankId) : { ...row, ...set };
  if (!left) return 'removed';
  if (!isTombstone(left)) return 'conflict';
  await finishRemoval(itemsTable, left, publish);
  return 'removed';
}

/**
 * Finishes the removal of an item whose ITEM has a tombstone. This process or another may have done part of it, or all
 * of it, before. No event is published for an item that was never mirrored.
 */
export async function finishRemoval(
  itemsTable: Table,
  tombstone: Tombstone,
  publish: Publish,
): Promise<void> {
  const { itemBankId, version, removal } = tombstone;
  const item = {
    TableName: itemsTable.name,
    Key: ITEM_KEYS.item(itemBankId),
    ConditionExpression: 'version = :read AND attribute_exists(removal)',
    ExpressionAttributeValues: { ':read': version },
  };
  const rows = await readPartition(itemsTable, itemBankId);
  const others = rows.filter(({ sk }) => sk !== item.Key.sk);
  for (const deletions of transactionsOf(itemsTable, { delete: others })) {
    // If another process has finished the removal, the item may have come back, and these rows with it.
    if (await transact(itemsTable, [{ ConditionCheck: item }, ...deletions])) return;
  }
  if (isMirrored(tombstone)) {
    const detail = { ...changeOf(tombstone, removal.cause), reason: removal.reason };
    await publish([{ type: 'ItemRemoved', detail }]);
  }
  await transact(itemsTable, [{ Delete: item }]);
}
