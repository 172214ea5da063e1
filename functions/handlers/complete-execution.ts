import { rememberOfBank } from '../executions/bank-memory.ts';
import { type RunTotals, summarizeRun, withSharedWebhook } from '../executions/counts.ts';
import { endingOfRun } from '../executions/exit.ts';
import type { JobExecution } from '../executions/job-execution.ts';
import { requireExecution } from '../executions/job-execution.ts';
import { RECORDS_VERSION } from '../executions/keys.ts';
import { type Listing, readListing, requireListing } from '../executions/listing.ts';
import { assertHoldsLock, finishExecution } from '../executions/lock.ts';
import { readRemoval } from '../removal/removal-rows.ts';
import { createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { RequestCounts } from '../shared/contract/requests.ts';
import type { ExecutionResult, WorkflowEvent } from '../shared/contract/workflow.ts';
import type { Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { entryPoint } from '../shared/middleware.ts';
import { type EndDependencies, endDependencies, reportEnd } from '../synchronization/end-execution.ts';
import { recordFailedBatch } from '../synchronization/failed-batch.ts';
import { requestsSentence } from '../synchronization/request-sentences.ts';
import { readSharedWebhook } from '../webhooks/webhook-rows.ts';

type CompleteDependencies = EndDependencies & { itemsTable: Table };

/**
 * Adds up what the run did, ends its record, and releases the lock. Ids that a stopped run has not processed are left
 * without an outcome.
 * @throws SyncError `ExecutionSuperseded` if the lock names another execution; `RowMissing`.
 */
export async function completeExecution(
  dependencies: CompleteDependencies,
  { executionArn, jobExecutionId: id }: WorkflowEvent,
): Promise<ExecutionResult> {
  const { executionsTable, log } = dependencies;
  const { options, stoppedBy } = await requireExecution(executionsTable, id);
  const isStopped = stoppedBy !== undefined;
  const listed = await (isStopped ? readListing : requireListing)(executionsTable, id);
  const listing: RunListing = listed ?? NOT_LISTED;
  const [summary, sharedWebhook, removal] = await Promise.all([
    isStopped
      ? summarizeRun(executionsTable, id, listing)
      : summarizeWholeRun(dependencies, { executionArn, jobExecutionId: id }, listing),
    readSharedWebhook(executionsTable, id),
    readRemoval(executionsTable, id),
  ]);
  const stop = isStopped ? { stoppedBy, unprocessed: listed && summary.unprocessed } : undefined;
  const counts = withSharedWebhook(summary.counts, sharedWebhook);
  const isRestart = options.restartOf !== undefined;
  // A restart does not list the bank. Its listing is never complete, which is no shortcoming of the run.
  const found = { ...listing, complete: listing.complete || isRestart };
  const run = { listing: found, counts, removal: removal?.stop, options, stop, sharedWebhook };
  // The previous release did not mark the items that its steps left unread.
  const areMarked = listing.schemaVersion === RECORDS_VERSION;
  const comparedBank = listing.complete && areMarked && removal?.stop?.reason !== 'DEADLINE';
  const ending = { ...endingOfRun(run), requests: summary.requests, comparedBank };
  const finished =
    (await finishExecution(dependencies, executionArn, ending)) ??
    (await requireFinished(executionsTable, { executionArn, jobExecutionId: id }));
  if (finished.status === 'COMPLETED' && !isRestart)
    await rememberQueryTime(executionsTable, summary.requests);
  log.info(requestsSentence(finished), { requests: finished.requests });
  return reportEnd(dependencies, finished);
}

type RunListing = Omit<Listing, 'querySize' | 'maxWorkers'>;

/** The listing of a run that was stopped before it had one. */
const NOT_LISTED: RunListing = { announced: 0, found: 0, complete: true, batches: [], total: 0 };

/** The forecast of the next run is based on it. */
async function rememberQueryTime(
  executionsTable: Table,
  { queries, queryMs }: Pick<RequestCounts, 'queries' | 'queryMs'>,
): Promise<void> {
  if (queries > 0) await rememberOfBank(executionsTable, { msPerQuery: Math.round(queryMs / queries) });
}

// FailBatch itself failed, or the execution began with the state machine of a release that had no such state.
const UNKNOWN_ERROR = 'its error was not recorded; see the execution in the Step Functions console';

/** Adds up the run. Batches that have no outcome for some of their ids are recorded as failed before. */
async function summarizeWholeRun(
  dependencies: CompleteDependencies,
  { executionArn, jobExecutionId: id }: Pick<WorkflowEvent, 'executionArn' | 'jobExecutionId'>,
  listing: RunListing,
): Promise<RunTotals> {
  const { executionsTable } = dependencies;
  const totals = await summarizeRun(executionsTable, id, listing);
  if (totals.unfinished.length === 0) return totals;
  const { options } = await assertHoldsLock(executionsTable, executionArn);
  const batches = listing.batches.length;
  for (const batch of totals.unfinished) {
    await recordFailedBatch(dependencies, {
      id,
      batch,
      batches,
      error: UNKNOWN_ERROR,
      dryRun: options.dryRun,
    });
  }
  const { counts, unprocessed, ...rest } = await summarizeRun(executionsTable, id, listing);
  return { ...rest, unprocessed, counts: { ...counts, failed: counts.failed + unprocessed } };
}

/** The record as an earlier invocation ended it, whose answer was lost. */
async function requireFinished(
  executionsTable: Table,
  { executionArn, jobExecutionId }: Pick<WorkflowEvent, 'executionArn' | 'jobExecutionId'>,
): Promise<JobExecution> {
  const execution = await requireExecution(executionsTable, jobExecutionId);
  const { status, stoppedBy } = execution;
  const isFinished = status === 'COMPLETED' || (status === 'STOPPED' && stoppedBy !== undefined);
  if (execution.executionArn === executionArn && isFinished) return execution;
  throw new SyncError('ExecutionSuperseded', `${executionArn} lost the lock before it was complete`);
}

export const handler = entryPoint(
  (env: Environment) => ({
    ...endDependencies(env),
    itemsTable: createTable(readConfig(env, ['itemsTable']).itemsTable),
  }),
  completeExecution,
);
