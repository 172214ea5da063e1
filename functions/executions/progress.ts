import { BatchGetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { getRow, type Key, putRows, queryRows, type Row, type Table, transact } from '../dynamodb.ts';
import { SyncError } from '../errors.ts';
import type {
  ItemBankId,
  ItemResult,
  JobExecutionId,
  ListedRepository,
  Reason,
  WebhookState,
} from '../vocabulary.ts';
import type { Counts } from './job-execution.ts';
import { KEYS } from './keys.ts';
import type { Listing } from './listing.ts';
import { expiry } from './working-rows.ts';

/** What became of a batch so far: absolute, so that writing it twice counts nothing twice. */
export interface BatchProgress {
  processed: number;
  deferred: number;
  requiringProjectWebhook: ItemBankId[];
  failedItemBankIds: ItemBankId[];
}

export interface BatchWork {
  repositories: ListedRepository[];
  /** Those not done yet. */
  remaining: ListedRepository[];
  progress: BatchProgress;
}

interface BatchRow {
  repositories: ListedRepository[];
  remaining: ItemBankId[];
}

/** A row per item bank id, for whoever asks what a run did to it. `webhookLeft` is how the run left its webhook. */
export interface ItemRow extends ItemResult {
  webhookLeft: WebhookState;
  webhookReason?: Reason | null;
}

export interface ProgressDependencies {
  table: Table;
  now: () => Date;
}

const NOTHING: BatchProgress = {
  processed: 0,
  deferred: 0,
  requiringProjectWebhook: [],
  failedItemBankIds: [],
};

export async function readBatch(table: Table, id: JobExecutionId, batch: number): Promise<BatchWork> {
  const [row, progress] = await Promise.all([
    getRow(table, KEYS.batch(id, batch)),
    getRow(table, KEYS.progress(id, batch)),
  ]);
  if (!row) throw new SyncError('RowMissing', `job execution ${id} has no batch ${batch}`);
  const { repositories, remaining } = row as Row & BatchRow;
  const left = new Set(remaining);
  return {
    repositories,
    remaining: repositories.filter(({ itemBankId }) => left.has(itemBankId)),
    progress: (progress as (Row & BatchProgress) | undefined) ?? NOTHING,
  };
}

/**
 * Records results and takes their ids off what remains, in one transaction.
 * @returns the progress after it; undefined when another invocation has recorded something in between.
 */
export async function recordResults(
  { table, now }: ProgressDependencies,
  { id, batch, work }: { id: JobExecutionId; batch: number; work: BatchWork },
  results: readonly ItemResult[],
): Promise<BatchProgress | undefined> {
  const ttl = expiry(now());
  await putRows(
    table,
    results.map((result) => ({
      ...KEYS.item(id, result.itemBankId),
      ...result,
      webhookLeft: result.webhookFound,
      ...ttl,
    })),
  );
  const progress = add(work.progress, results);
  const done = new Set(results.map(({ itemBankId }) => itemBankId));
  const left = work.remaining
    .map(({ itemBankId }) => itemBankId)
    .filter((itemBankId) => !done.has(itemBankId));
  const broken = await transact(table, [
    { Put: { TableName: table.name, Item: { ...KEYS.progress(id, batch), ...progress, ...ttl } } },
    {
      Update: {
        TableName: table.name,
        Key: KEYS.batch(id, batch),
        UpdateExpression: 'SET remaining = :left',
        ConditionExpression: 'size(remaining) = :before',
        ExpressionAttributeValues: { ':left': left, ':before': work.remaining.length },
      },
    },
  ]);
  return broken ? undefined : progress;
}

function add(before: BatchProgress, results: readonly ItemResult[]): BatchProgress {
  const idsOf = (chosen: (result: ItemResult) => boolean) =>
    results.filter(chosen).map((result) => result.itemBankId);
  const deferred = idsOf((result) => result.outcome === 'deferred').length;
  return {
    processed: before.processed + results.length - deferred,
    deferred: before.deferred + deferred,
    requiringProjectWebhook: [
      ...before.requiringProjectWebhook,
      ...idsOf((result) => result.webhookFound === 'missing'),
    ],
    failedItemBankIds: [...before.failedItemBankIds, ...idsOf((result) => result.outcome === 'failed')],
  };
}

/** Repositories of a batch whose webhook is missing still. */
export async function missingWebhooks(
  table: Table,
  id: JobExecutionId,
  batch: number,
): Promise<ListedRepository[]> {
  const { repositories, progress } = await readBatch(table, id, batch);
  const rows = await itemRows(table, id, progress.requiringProjectWebhook);
  const missing = new Set(rows.filter(isUntried).map((row) => row.itemBankId));
  return repositories.filter(({ itemBankId }) => missing.has(itemBankId));
}

/** One that GitHub has refused is not asked for again in the same run. */
const isUntried = ({ webhookLeft, webhookReason }: ItemRow): boolean =>
  webhookLeft === 'missing' && !webhookReason;

async function itemRows(table: Table, id: JobExecutionId, ids: readonly ItemBankId[]): Promise<ItemRow[]> {
  if (ids.length === 0) return [];
  const rows: ItemRow[] = [];
  // A batch has at most 100 ids, which is what one BatchGetItem takes.
  let keys: Key[] = ids.map((itemBankId) => KEYS.item(id, itemBankId));
  while (keys.length > 0) {
    const { Responses, UnprocessedKeys } = await table.client.send(
      new BatchGetCommand({ RequestItems: { [table.name]: { Keys: [...keys], ConsistentRead: true } } }),
    );
    rows.push(...((Responses?.[table.name] ?? []) as (ItemRow & Row)[]));
    keys = (UnprocessedKeys?.[table.name]?.Keys ?? []) as Key[];
  }
  return rows;
}

/** Records how the run left a webhook that it had found missing. */
export async function recordWebhook(
  table: Table,
  id: JobExecutionId,
  left: { itemBankId: ItemBankId; webhookLeft: WebhookState; reason?: Reason; message?: string },
): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: KEYS.item(id, left.itemBankId),
      UpdateExpression: 'SET webhookLeft = :left, webhookReason = :reason, webhookMessage = :message',
      ExpressionAttributeValues: {
        ':left': left.webhookLeft,
        ':reason': left.reason ?? null,
        ':message': left.message ?? null,
      },
    }),
  );
}

/** What the rows of a run add up to. Ids of a batch that has not recorded them count as failed. */
export async function countRun(table: Table, id: JobExecutionId, listing: Listing): Promise<Counts> {
  const counts: Counts = {
    total: listing.total,
    processed: 0,
    requiringProjectWebhook: 0,
    webhooksNotCreated: 0,
    deferred: 0,
    failed: 0,
  };
  for await (const row of queryRows(table, KEYS.listing(id).pk, 'PROGRESS#')) {
    const progress = row as Row & BatchProgress;
    counts.processed += progress.processed;
    counts.deferred += progress.deferred;
    counts.failed += progress.failedItemBankIds.length;
    counts.requiringProjectWebhook += progress.requiringProjectWebhook.length;
    const rows = await itemRows(table, id, progress.requiringProjectWebhook);
    counts.webhooksNotCreated += rows.filter((item) => item.webhookLeft !== 'created').length;
  }
  counts.failed += listing.total - counts.processed - counts.deferred;
  return counts;
}
