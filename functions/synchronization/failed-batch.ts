import { type BatchDependencies, readBatch, recordResults } from '../executions/batch.ts';
import { type ItemResult, uncheckedResult } from '../executions/item-result.ts';
import { recordDeferrals } from '../mirror/bookkeeping.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { Table } from '../shared/dynamodb.ts';
import type { Log } from '../shared/logger.ts';
import * as runLog from './run-log.ts';

export interface FailedBatch {
  id: JobExecutionId;
  batch: number;
  /** How many batches the run has. */
  batches: number;
  /** Name and message of the error. */
  error: string;
  dryRun: boolean;
}

// Our functions report one sentence. Lambda's own error messages may contain the output of the function.
const MAX_ERROR_LENGTH = 1_000;
// An invocation that Lambda has given up on may still record results of the batch, which requires another attempt.
const MAX_ATTEMPTS = 3;

/**
 * Logs that a batch failed for good, and records its remaining item bank ids as failed. Does nothing if none remain, so
 * that a repeated invocation does not report the failure twice.
 */
export async function recordFailedBatch(
  dependencies: BatchDependencies & { itemsTable: Table; log: Log },
  { id, batch, batches, error, dryRun }: FailedBatch,
): Promise<void> {
  const message = error.slice(0, MAX_ERROR_LENGTH);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const work = await readBatch(dependencies.executionsTable, id, batch);
    const itemBankIds = work.remaining.map(({ itemBankId }) => itemBankId);
    if (itemBankIds.length === 0) return;
    const results = work.remaining.map(
      (repository): ItemResult => ({
        ...uncheckedResult(repository),
        outcome: 'failed',
        reason: 'BATCH_FAILED',
        message,
      }),
    );
    if (!dryRun) await recordDeferrals(dependencies, itemBankIds);
    if (!(await recordResults(dependencies, { id, batch, work }, results))) continue;
    return runLog.batchFailed(dependencies.log, { batch, batches, error: message, itemBankIds });
  }
}
