import type { ExecutionResult, FailExecutionEvent, WorkflowEvent } from '../../contract.ts';
import type { Table } from '../../dynamodb.ts';
import { SyncError } from '../../errors.ts';
import { countRun, withOrganizationWebhook } from '../../executions/counts.ts';
import { endingOfRun } from '../../executions/exit.ts';
import { finishExecution } from '../../executions/finish.ts';
import { failedWith, type JobExecution } from '../../executions/job-execution.ts';
import { requireListing } from '../../executions/listing.ts';
import { endingOf } from '../../executions/liveness.ts';
import { requireExecution } from '../../executions/lock.ts';
import { readOrganizationWebhook } from '../../executions/organization-webhook.ts';
import { readRemoval } from '../../executions/removal.ts';
import { countRequests } from '../../executions/requests.ts';
import type { Publish } from '../../items/announce.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import * as z from '../../zod.ts';
import * as story from './story.ts';

type FinishDependencies = Invocation & { table: Table; publish: Publish };

/**
 * Adds up what the run did, ends its record and gives the lock back.
 * @throws SyncError `ExecutionSuperseded` when the lock is not this execution's.
 */
export async function complete(
  dependencies: FinishDependencies,
  { executionArn, jobExecutionId }: WorkflowEvent,
): Promise<ExecutionResult> {
  const { table } = dependencies;
  const listing = await requireListing(table, jobExecutionId);
  const [counted, organizationWebhook, requests, removal, execution] = await Promise.all([
    countRun(table, jobExecutionId, listing),
    readOrganizationWebhook(table, jobExecutionId),
    countRequests(table, jobExecutionId),
    readRemoval(table, jobExecutionId),
    requireExecution(table, jobExecutionId),
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
    (await finishedBefore(table, { executionArn, jobExecutionId }));
  story.requests(dependencies.log, finished);
  return tell(dependencies, finished);
}

/** The record that an earlier invocation of this step ended before its answer was lost. */
async function finishedBefore(
  table: Table,
  { executionArn, jobExecutionId }: Pick<WorkflowEvent, 'executionArn' | 'jobExecutionId'>,
): Promise<JobExecution> {
  const execution = await requireExecution(table, jobExecutionId);
  if (execution.executionArn === executionArn && execution.status === 'COMPLETED') return execution;
  throw new SyncError('ExecutionSuperseded', `${executionArn} lost the lock before it was complete`);
}

/** Twice rather than never: an invocation that ended the record may have died before it said so. */
async function tell({ log, publish }: FinishDependencies, finished: JobExecution): Promise<ExecutionResult> {
  story.complete(log, finished);
  const detail = resultOf(finished);
  if (finished.options.dryRun) return detail;
  // The record says how the run ended: a state machine that failed because nobody could be told would say otherwise.
  await publish([{ type: 'SyncCompleted', detail }]).catch((error) =>
    log.warn('the end of the run could not be told of', { error }),
  );
  return detail;
}

function resultOf({ jobExecutionId, status, exitCode, exitMessage }: JobExecution): ExecutionResult {
  if (!exitCode || exitMessage === undefined)
    throw new SyncError('RowMissing', 'an ended record has no exit code');
  return { jobExecutionId, status, exitCode, exitMessage };
}

/** Ends the record of an execution that met an error, which becomes its exit message. */
export async function fail(
  dependencies: FinishDependencies,
  { executionArn, error }: FailExecutionEvent,
): Promise<void> {
  await close(dependencies, executionArn, failedWith(error.Error, causeOf(error.Cause)));
}

const LambdaFailure = z.object({ errorMessage: z.string() });

/** A function's failure arrives as JSON with its stack trace: people want the message. */
function causeOf(cause: string): string {
  try {
    return LambdaFailure.parse(JSON.parse(cause)).errorMessage;
  } catch {
    return cause;
  }
}

/** How a status-change event of Step Functions tells that an execution ended. */
export interface ExecutionEnded {
  executionArn: string;
  status: string;
  error?: string | null;
  cause?: string | null;
}

/** Closes the record of an execution that ended without doing so itself: stopped, timed out, or failed too early. */
export async function closeEnded(dependencies: FinishDependencies, ended: ExecutionEnded): Promise<void> {
  const ending = endingOf({
    status: ended.status,
    error: ended.error ?? undefined,
    cause: ended.cause ? causeOf(ended.cause) : undefined,
  });
  if (ending) await close(dependencies, ended.executionArn, ending);
}

async function close(
  dependencies: FinishDependencies,
  executionArn: string,
  ending: Parameters<typeof finishExecution>[2],
): Promise<void> {
  const { log } = dependencies;
  const finished = await finishExecution(dependencies, executionArn, ending);
  if (!finished) return story.notActive(log);
  log.appendKeys({ jobExecutionId: finished.jobExecutionId });
  await tell(dependencies, finished);
}
