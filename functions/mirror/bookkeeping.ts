import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';
import { type Table, transact } from '../shared/dynamodb.ts';
import { updateItem } from './item-update.ts';
import {
  ITEM_KEYS,
  type KnownRepository,
  type MirrorRow,
  nextVersion,
  type RecordedFailure,
  repositoryFacts,
} from './mirror-rows.ts';
import type { WriteContext } from './write-item.ts';

/**
 * Notes what is known of a project webhook by itself, in whatever state the item is. An item that is gone has none. The
 * version grows, so that whoever looked before does not write what they saw over it.
 */
export async function noteWebhook(
  itemsTable: Table,
  itemBankId: ItemBankId,
  webhook: KnownWebhook,
): Promise<void> {
  await transact(itemsTable, [
    {
      Update: {
        TableName: itemsTable.name,
        Key: ITEM_KEYS.item(itemBankId),
        UpdateExpression: 'SET webhook = :webhook, version = version + :one',
        ConditionExpression: 'attribute_exists(itemBankId) AND attribute_not_exists(removal)',
        ExpressionAttributeValues: { ':webhook': webhook, ':one': 1 },
      },
    },
  ]);
}

/**
 * Notes that the mirror shows what the bank has. The version grows, so that whoever read the bank before, when it had
 * something else, does not write that over what is right now.
 * @returns the version from here on; undefined when another writer came in between.
 */
export async function markVerified(
  itemsTable: Table,
  { itemBankId, version }: MirrorRow,
  { now, webhook }: WriteContext,
): Promise<number | undefined> {
  const set = {
    lastVerifiedAt: now.toISOString(),
    version: nextVersion(version),
    ...(webhook && { webhook }),
  };
  const isVerified = await updateItem(itemsTable, { itemBankId, version, set, remove: 'failure' });
  return isVerified ? set.version : undefined;
}

export interface FailedRepository {
  /** ITEM as it was read. */
  row: MirrorRow | undefined;
  seen: KnownRepository;
  trouble: Failure;
}

/**
 * Notes why the mirror could not follow the bank. What it shows of the item stays.
 * @returns false when another writer came in between, or the item is being removed.
 */
export function recordFailure(
  itemsTable: Table,
  { row, seen, trouble }: FailedRepository,
  context: WriteContext,
): Promise<boolean> {
  const failure = failureAfter(row, trouble, context);
  const { webhook } = context;
  return updateItem(itemsTable, {
    itemBankId: seen.itemBankId,
    version: row?.version,
    set: { ...repositoryFacts(row, seen), version: row?.version ?? 0, failure, ...(webhook && { webhook }) },
  });
}

function failureAfter(
  row: MirrorRow | undefined,
  { reason, message, githubRequestId }: Failure,
  { now, jobExecutionId }: WriteContext,
): RecordedFailure {
  const at = now.toISOString();
  return {
    reason,
    message,
    since: row?.failure?.since ?? at,
    at,
    ...(githubRequestId !== undefined && { githubRequestId }),
    ...(jobExecutionId !== undefined && { jobExecutionId }),
  };
}
