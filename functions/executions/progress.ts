import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import { OUTCOMES, type Outcome } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { NO_REQUESTS, type RequestCounts, sumRequests } from '../shared/contract/requests.ts';
import type { WebhookState } from '../shared/contract/webhooks.ts';
import { getRow, putRows, queryRows, type Table, transact } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import type { ItemResult } from './item-result.ts';
import { KEYS } from './keys.ts';
import { expiry } from './working-rows.ts';

/** What became of a batch so far: absolute, so that writing it twice counts nothing twice. */
export interface BatchProgress {
  outcomes: Record<Outcome, number>;
  requiringProjectWebhook: ItemBankId[];
  /** Those whose project webhook is there, and not as it should be. */
  webhooksDiffering: ItemBankId[];
  /** Those whose webhooks could not be looked at; one whose turn it is not is none of them. */
  webhooksNotChecked: number;
  failedItemBankIds: ItemBankId[];
  /** What its invocations have asked GitHub for. */
  requests: RequestCounts;
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
}

export interface BatchRecord {
  id: JobExecutionId;
  batch: number;
  work: BatchWork;
  /** What this invocation has asked GitHub for, unless that is recorded elsewhere. */
  used?: RequestCounts;
}

export interface ProgressDependencies {
  executionsTable: Table;
  now: () => Date;
}

const NOTHING: BatchProgress = {
  outcomes: countOutcomes([]),
  requiringProjectWebhook: [],
  webhooksDiffering: [],
  webhooksNotChecked: 0,
  failedItemBankIds: [],
  requests: NO_REQUESTS,
};

export async function readBatch(
  executionsTable: Table,
  id: JobExecutionId,
  batch: number,
): Promise<BatchWork> {
  const [row, progress] = await Promise.all([
    getRow(executionsTable, KEYS.batch(id, batch)),
    getRow(executionsTable, KEYS.progress(id, batch)),
  ]);
  if (!row) throw new SyncError('RowMissing', `job execution ${id} has no batch ${batch}`);
  const { repositories, remaining } = row as unknown as BatchRow;
  const left = new Set(remaining);
  return {
    repositories,
    remaining: repositories.filter(({ itemBankId }) => left.has(itemBankId)),
    progress: { ...NOTHING, ...(progress as BatchProgress | undefined) },
  };
}

/**
 * Records results, and what they took, and takes their ids off what remains, in one transaction.
 * @returns the progress after it; undefined when another invocation has recorded something in between.
 */
export async function recordResults(
  { executionsTable, now }: ProgressDependencies,
  { id, batch, work, used = NO_REQUESTS }: BatchRecord,
  results: readonly ItemResult[],
): Promise<BatchProgress | undefined> {
  const ttl = expiry(now());
  await putRows(
    executionsTable,
    results.map((result) => ({
      ...KEYS.item(id, result.itemBankId),
      ...result,
      webhookLeft: result.webhookFound,
      ...ttl,
    })),
  );
  const requests = sumRequests(work.progress.requests, used);
  const progress = { ...add(work.progress, results), requests };
  const done = new Set(results.map(({ itemBankId }) => itemBankId));
  const left = work.remaining
    .map(({ itemBankId }) => itemBankId)
    .filter((itemBankId) => !done.has(itemBankId));
  const broken = await transact(executionsTable, [
    {
      Put: {
        TableName: executionsTable.name,
        Item: { ...KEYS.progress(id, batch), batch, ...progress, ...ttl },
      },
    },
    {
      Update: {
        TableName: executionsTable.name,
        Key: KEYS.batch(id, batch),
        UpdateExpression: 'SET remaining = :left',
        ConditionExpression: 'size(remaining) = :before',
        ExpressionAttributeValues: { ':left': left, ':before': work.remaining.length },
      },
    },
  ]);
  return broken ? undefined : progress;
}

function add(before: BatchProgress, results: readonly ItemResult[]): Omit<BatchProgress, 'requests'> {
  const idsOf = (chosen: (result: ItemResult) => boolean) =>
    results.filter(chosen).map((result) => result.itemBankId);
  return {
    outcomes: sumOutcomes(before.outcomes, countOutcomes(results)),
    requiringProjectWebhook: [
      ...before.requiringProjectWebhook,
      ...idsOf((result) => result.webhookFound === 'missing'),
    ],
    webhooksDiffering: [...before.webhooksDiffering, ...idsOf((result) => result.webhookFound === 'differs')],
    webhooksNotChecked: before.webhooksNotChecked + idsOf((result) => Boolean(result.webhookFailure)).length,
    failedItemBankIds: [...before.failedItemBankIds, ...idsOf((result) => result.outcome === 'failed')],
  };
}

function countOutcomes(results: readonly ItemResult[]): Record<Outcome, number> {
  return outcomesBy((outcome) => results.filter((result) => result.outcome === outcome).length);
}

export function sumOutcomes(
  left: Record<Outcome, number>,
  right: Record<Outcome, number>,
): Record<Outcome, number> {
  return outcomesBy((outcome) => left[outcome] + right[outcome]);
}

function outcomesBy(count: (outcome: Outcome) => number): Record<Outcome, number> {
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, count(outcome)])) as Record<Outcome, number>;
}

/** How many ids of the batch were handled: a deferred one was not. */
export const processedOf = ({ deferred, ...handled }: Record<Outcome, number>): number =>
  Object.values(handled).reduce((sum, count) => sum + count, 0);

/** The progress of every batch that has recorded something, whichever release recorded it. */
export async function* readProgress(
  executionsTable: Table,
  id: JobExecutionId,
): AsyncGenerator<BatchProgress & { batch: number }> {
  for await (const row of queryRows(executionsTable, {
    partition: KEYS.workingRows(id),
    prefix: 'PROGRESS#',
  })) {
    yield { ...NOTHING, ...row } as unknown as BatchProgress & { batch: number };
  }
}
