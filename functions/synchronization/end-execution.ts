import type { Ending, JobExecution } from '../executions/job-execution.ts';
import { finishExecution } from '../executions/lock.ts';
import { createPublisher, type Publish } from '../mirror/publish.ts';
import { createEventBridge, createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { ExecutionResult } from '../shared/contract/workflow.ts';
import type { Table } from '../shared/dynamodb.ts';
import type { Invocation } from '../shared/middleware.ts';
import { finishedRun } from './finished-run.ts';
import * as runLog from './run-log.ts';

export type EndDependencies = Invocation & { executionsTable: Table; publish: Publish };

/** Dependencies of the functions that end executions. */
export function endDependencies(env: Environment): Omit<EndDependencies, keyof Invocation> {
  const { jobExecutionsTable, changeEventBus } = readConfig(env, ['jobExecutionsTable', 'changeEventBus']);
  return {
    executionsTable: createTable(jobExecutionsTable),
    publish: createPublisher({ client: createEventBridge(), bus: changeEventBus }),
  };
}

/** Ends the record of an execution that cannot do so itself, and releases its lock. Does nothing without the lock. */
export async function closeRecord(
  dependencies: EndDependencies,
  executionArn: string,
  ending: Ending,
): Promise<void> {
  const { log } = dependencies;
  const finished = await finishExecution(dependencies, executionArn, ending);
  if (!finished) return log.info('nothing to close: this execution does not hold the lock');
  log.appendKeys({ jobExecutionId: finished.jobExecutionId });
  await reportEnd(dependencies, finished);
}

/**
 * Logs how a run ended and publishes SyncCompleted. A repeated invocation does both again, because the earlier one may
 * have died before it did.
 * @throws SyncError `RowMissing` if the record has not ended.
 */
export async function reportEnd(
  { log, publish }: EndDependencies,
  finished: JobExecution,
): Promise<ExecutionResult> {
  const detail = finishedRun(finished);
  const { jobExecutionId, status, exitCode, exitMessage } = detail;
  runLog.completed(log, finished);
  const result: ExecutionResult = { jobExecutionId, status, exitCode, exitMessage };
  if (finished.options.dryRun) return result;
  // The record already says how the run ended. Failing the state machine over an undelivered event would contradict it.
  await publish([{ type: 'SyncCompleted', detail }]).catch((error) =>
    log.warn('could not publish SyncCompleted', { error }),
  );
  return result;
}
