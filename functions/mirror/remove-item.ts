import type { Reason } from '../shared/contract/job-execution.ts';
import { type Table, transact } from '../shared/dynamodb.ts';
import { updateOf } from './item-update.ts';
import {
  ITEM_KEYS,
  isMirrored,
  isTombstone,
  type MirrorRow,
  nextVersion,
  type Removal,
  type Tombstone,
} from './mirror-rows.ts';
import { changeOf, type Publish } from './publish.ts';
import { readMirror, readPartition } from './read-mirror.ts';
import { deleteChange, inTransactions } from './row-changes.ts';
import type { WriteContext } from './write-item.ts';

export interface RemovalRequest extends WriteContext {
  reason: Reason;
  publish: Publish;
}

/**
 * Removes an item: first ITEM gets a tombstone, which keeps every other writer away, then the other rows go, the event
 * is published, and ITEM goes last. A removal that ended half-way is finished by the next one.
 * @returns `conflict` when another writer came in between, and the item is as that writer left it.
 */
export async function removeItem(
  itemsTable: Table,
  row: MirrorRow,
  request: RemovalRequest,
): Promise<'removed' | 'conflict'> {
  const tombstone = await writeTombstone(itemsTable, row, request);
  if (tombstone) {
    await finishRemoval(itemsTable, tombstone, request.publish);
    return 'removed';
  }
  const now = (await readMirror(itemsTable, [row.itemBankId])).get(row.itemBankId);
  if (now && !isTombstone(now)) return 'conflict';
  if (now) await finishRemoval(itemsTable, now, request.publish);
  return 'removed';
}

/** @returns undefined when ITEM is not as it was read. */
async function writeTombstone(
  itemsTable: Table,
  row: MirrorRow,
  { reason, now, jobExecutionId }: RemovalRequest,
): Promise<Tombstone | undefined> {
  const removal: Removal = {
    reason,
    at: now.toISOString(),
    ...(jobExecutionId !== undefined && { jobExecutionId }),
  };
  const set = { removal, version: nextVersion(row.version) };
  const { itemBankId, version } = row;
  const broken = await transact(itemsTable, [{ Update: updateOf(itemsTable, { itemBankId, version, set }) }]);
  return broken ? undefined : { ...row, ...set };
}

/**
 * Finishes the removal of an item whose ITEM has a tombstone; all of it may have been done before, by this process or
 * another. An item that was never mirrored goes without an event.
 */
export async function finishRemoval(
  itemsTable: Table,
  tombstone: Tombstone,
  publish: Publish,
): Promise<void> {
  const { itemBankId, removal } = tombstone;
  const item = { TableName: itemsTable.name, Key: ITEM_KEYS.item(itemBankId), ...isStillThere(tombstone) };
  const rows = await readPartition(itemsTable, itemBankId);
  const others = rows.filter(({ sk }) => sk !== item.Key.sk).map((row) => deleteChange(itemsTable, row));
  for (const deletions of inTransactions(others)) {
    // Where another process has finished the removal, the item may have come back, and these rows with it.
    if (await transact(itemsTable, [{ ConditionCheck: item }, ...deletions])) return;
  }
  if (isMirrored(tombstone)) {
    await publish([{ type: 'ItemRemoved', detail: { ...changeOf(tombstone), reason: removal.reason } }]);
  }
  await transact(itemsTable, [{ Delete: item }]);
}

const isStillThere = ({ version }: Tombstone) => ({
  ConditionExpression: 'version = :read AND attribute_exists(removal)',
  ExpressionAttributeValues: { ':read': version },
});
