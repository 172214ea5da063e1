import type { JobExecutionId } from '../shared/contract/ids.ts';
import { type Table, transact } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { type JobExecution, readRequestedExecution } from './job-execution.ts';
import { KEYS } from './keys.ts';

export interface StopDependencies {
  executionsTable: Table;
  now: () => Date;
}

// A failed attempt means that the run has ended, or that another caller stopped it. The next attempt reads that.
const ATTEMPTS = 5;

/**
 * Requests that a run stop, and records who requested it. The functions of the run find the request in the lock, finish
 * the work in progress, and start no more.
 * @returns the record, which is STOPPING, or already STOPPED.
 * @throws SyncError `ExecutionNotFound`, `ExecutionEnded`.
 */
export async function requestStop(
  dependencies: StopDependencies,
  id: JobExecutionId,
  stoppedBy: string,
): Promise<JobExecution> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const execution = await readRequestedExecution(dependencies.executionsTable, id);
    if (isStopRequested(execution)) return execution;
    assertNotEnded(execution);
    await markStopping(dependencies, execution, stoppedBy);
  }
  throw new SyncError('AwsUnavailable', `the record of job execution ${id} kept changing`);
}

/** @throws SyncError `ExecutionEnded`. */
export function assertNotEnded({ jobExecutionId, status, exitCode }: JobExecution): void {
  if (exitCode === undefined) return;
  throw new SyncError('ExecutionEnded', `job execution ${jobExecutionId} has ended: ${status}`, {
    details: { jobExecutionId, exitCode },
  });
}

/** A run that is STOPPED but has no `stoppedBy` was stopped in Step Functions, or by a scheduled start. */
const isStopRequested = ({ status, stoppedBy }: JobExecution): boolean =>
  stoppedBy !== undefined && (status === 'STOPPING' || status === 'STOPPED');

async function markStopping(
  { executionsTable, now }: StopDependencies,
  { jobExecutionId, executionArn }: JobExecution,
  stoppedBy: string,
): Promise<void> {
  await transact(executionsTable, [
    {
      Update: {
        TableName: executionsTable.name,
        Key: KEYS.state(),
        UpdateExpression: 'SET active.stopRequestedBy = :stoppedBy',
        ConditionExpression: 'active.executionArn = :arn AND attribute_not_exists(active.stopRequestedBy)',
        ExpressionAttributeValues: { ':arn': executionArn, ':stoppedBy': stoppedBy },
      },
    },
    {
      Update: {
        TableName: executionsTable.name,
        Key: KEYS.execution(jobExecutionId),
        UpdateExpression: 'SET #status = :stopping, stoppedBy = :stoppedBy, lastUpdated = :now',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':stopping': 'STOPPING',
          ':stoppedBy': stoppedBy,
          ':now': now().toISOString(),
        },
      },
    },
  ]);
}
