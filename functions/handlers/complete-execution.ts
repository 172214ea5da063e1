import { summarizeRun, withOrganizationWebhook } from '../executions/counts.ts';
import { endingOfRun } from '../executions/exit.ts';
import { type JobExecution, requireExecution } from '../executions/job-execution.ts';
import { requireListing } from '../executions/listing.ts';
import { finishExecution } from '../executions/lock.ts';
import { readRemoval } from '../removal/removal-rows.ts';
import type { ExecutionResult, WorkflowEvent } from '../shared/contract/workflow.ts';
import type { Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { entryPoint } from '../shared/middleware.ts';
import { type EndDependencies, reportEnd } from '../synchronization/end-execution.ts';
import * as story from '../synchronization/run-log.ts';
import { readOrganizationWebhook } from '../webhooks/organization-webhook.ts';
import { recordDependencies } from './dependencies.ts';

/**
 * Adds up what the run did, ends its record and gives the lock back.
 * @throws SyncError `ExecutionSuperseded` when the lock is not this execution's.
 */
export async function completeExecution(
  dependencies: EndDependencies,
  { executionArn, jobExecutionId }: WorkflowEvent,
): Promise<ExecutionResult> {
  const { executionsTable } = dependencies;
  const listing = await requireListing(executionsTable, jobExecutionId);
  const [{ counts: counted, requests }, organizationWebhook, removal, execution] = await Promise.all([
    summarizeRun(executionsTable, jobExecutionId, listing),
    readOrganizationWebhook(executionsTable, jobExecutionId),
    readRemoval(executionsTable, jobExecutionId),
    requireExecution(executionsTable, jobExecutionId),
  ]);
  const counts = withOrganizationWebhook(counted, organizationWebhook);
  const ending = endingOfRun({
    listing,
    counts,
    removal: removal?.stop,
    options: execution.options,
    organizationWebhook,
  });
  const finished =
    (await finishExecution(dependencies, executionArn, { ...ending, requests })) ??
    (await finishedBefore(executionsTable, { executionArn, jobExecutionId }));
  story.requests(dependencies.log, finished);
  return reportEnd(dependencies, finished);
}

/** The record that an earlier invocation of this step ended before its answer was lost. */
async function finishedBefore(
  executionsTable: Table,
  { executionArn, jobExecutionId }: Pick<WorkflowEvent, 'executionArn' | 'jobExecutionId'>,
): Promise<JobExecution> {
  const execution = await requireExecution(executionsTable, jobExecutionId);
  if (execution.executionArn === executionArn && execution.status === 'COMPLETED') return execution;
  throw new SyncError('ExecutionSuperseded', `${executionArn} lost the lock before it was complete`);
}

export const handler = entryPoint(recordDependencies, completeExecution);
