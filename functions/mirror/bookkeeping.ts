import { ConditionalCheckFailedException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { ChangeCause } from '../shared/contract/events.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { KnownWebhook, MissedDelivery } from '../shared/contract/webhooks.ts';
import { type Row, type Table, transact } from '../shared/dynamodb.ts';
import { ITEM_KEYS, type MirrorRow, type RecordedFailure, repositoryFacts } from './mirror-rows.ts';

/** What a synchronization saw of a repository besides its item. */
export interface Observation {
  /** When its head was requested. */
  readAt: Date;
  /** The project webhook, if there is something new to store. If undefined, the row keeps what it says. */
  webhook?: KnownWebhook | undefined;
  /** Whether a delivery should have announced the change that is written, and did not. */
  delivery?: MissedDelivery | undefined;
}

/** When a row is written, by which run, and what was seen. */
export interface WriteContext extends Observation {
  now: Date;
  cause: ChangeCause;
  jobExecutionId?: JobExecutionId | undefined;
}

/** A change to single attributes of ITEM. */
interface ItemUpdate {
  itemBankId: ItemBankId;
  /** The version that was read; undefined if there was no row. */
  version: number | undefined;
  set?: Partial<MirrorRow>;
  remove?: readonly string[];
}

/** Condition of a write to ITEM: it is still as it was read, or still does not exist, and is not being removed. */
export function conditionOnVersion(version: number | undefined) {
  if (version === undefined) return { ConditionExpression: 'attribute_not_exists(itemBankId)' };
  return {
    ConditionExpression: 'version = :read AND attribute_not_exists(removal)',
    ExpressionAttributeValues: { ':read': version } satisfies Row,
  };
}

/** The update as UpdateItem and TransactWriteItems take it. */
export function updateOf(itemsTable: Table, { itemBankId, version, set = {}, remove = [] }: ItemUpdate) {
  const { ConditionExpression, ExpressionAttributeValues } = conditionOnVersion(version);
  const names = Object.keys(set);
  const values = Object.entries(set).map(([name, value]) => [`:${name}`, value]);
  return {
    TableName: itemsTable.name,
    Key: ITEM_KEYS.item(itemBankId),
    UpdateExpression: [
      ...(names.length > 0 ? [`SET ${names.map((name) => `${name} = :${name}`).join(', ')}`] : []),
      ...(remove.length > 0 ? [`REMOVE ${remove.join(', ')}`] : []),
    ].join(' '),
    ConditionExpression,
    ExpressionAttributeValues: { ...ExpressionAttributeValues, ...Object.fromEntries(values) } as Row,
  };
}

/** @returns false if ITEM is no longer as it was read, or another writer is changing it. */
export async function updateItem(itemsTable: Table, update: ItemUpdate): Promise<boolean> {
  try {
    await itemsTable.client.send(new UpdateCommand(updateOf(itemsTable, update)));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    if (error instanceof TransactionConflictException) return false;
    throw error;
  }
}

/**
 * Changes one attribute of ITEM, whatever the state of the item. It does nothing if the item is gone. The version grows, so
 * that a writer that read the row earlier does not undo this. A transaction, because it is repeated if another one on the
 * item is in progress.
 * @param change `set` is the action of the update expression, in which `:value` stands for the value.
 */
async function setAttribute(
  itemsTable: Table,
  itemBankId: ItemBankId,
  change: { set: string; value: KnownWebhook | string },
): Promise<void> {
  await transact(itemsTable, [
    {
      Update: {
        TableName: itemsTable.name,
        Key: ITEM_KEYS.item(itemBankId),
        UpdateExpression: `SET ${change.set}, version = version + :one`,
        ConditionExpression: 'attribute_exists(itemBankId) AND attribute_not_exists(removal)',
        ExpressionAttributeValues: { ':value': change.value, ':one': 1 },
      },
    },
  ]);
}

/** Records the state of a project webhook alone. */
export function recordWebhook(
  itemsTable: Table,
  itemBankId: ItemBankId,
  webhook: KnownWebhook,
): Promise<void> {
  return setAttribute(itemsTable, itemBankId, { set: 'webhook = :value', value: webhook });
}

/**
 * Records that the mirror showed what the bank had when its head was read. The version grows, so that a writer that read
 * the row earlier does not overwrite this.
 * @returns the new version; undefined if another writer came in between.
 */
export async function recordVerification(
  itemsTable: Table,
  { itemBankId, version }: MirrorRow,
  { readAt, webhook }: Observation,
): Promise<number | undefined> {
  const set = { lastVerifiedAt: readAt.toISOString(), version: version + 1, ...(webhook && { webhook }) };
  const remove = ['failure', 'deferredAt'];
  return (await updateItem(itemsTable, { itemBankId, version, set, remove })) ? set.version : undefined;
}

// Concurrent requests to DynamoDB: enough to hide their latency.
const UPDATES_IN_FLIGHT = 10;

/**
 * Marks items that a run has not compared with the bank, so that the end of this run does not count for their freshness.
 * An item that has a mark keeps its time. Items that are gone are skipped.
 */
export async function recordDeferrals(
  { itemsTable, now }: { itemsTable: Table; now: () => Date },
  ids: readonly ItemBankId[],
): Promise<void> {
  const set = 'deferredAt = if_not_exists(deferredAt, :value)';
  const defer = (id: ItemBankId) => setAttribute(itemsTable, id, { set, value: now().toISOString() });
  await pMap(ids, defer, { concurrency: UPDATES_IN_FLIGHT });
}

export interface FailedItem {
  repository: ListedRepository;
  /** ITEM as it was read. */
  row: MirrorRow | undefined;
  failure: Failure;
}

/**
 * Records why the mirror could not follow the bank. What it shows of the item stays.
 * @returns false if another writer came in between, or the item is being removed.
 */
export function recordFailure(
  itemsTable: Table,
  { repository, row, failure }: FailedItem,
  { now, jobExecutionId, webhook }: Omit<WriteContext, 'cause'>,
): Promise<boolean> {
  const at = now.toISOString();
  const recorded: RecordedFailure = {
    ...failure,
    since: row?.failure?.since ?? at,
    at,
    ...(jobExecutionId !== undefined && { jobExecutionId }),
  };
  return updateItem(itemsTable, {
    itemBankId: repository.itemBankId,
    version: row?.version,
    set: {
      ...repositoryFacts(row, repository),
      version: row?.version ?? 0,
      failure: recorded,
      ...(webhook && { webhook }),
    },
  });
}
