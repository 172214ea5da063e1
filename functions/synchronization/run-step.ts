import { assertHoldsLock } from '../executions/lock.ts';
import { addRequests } from '../executions/requests.ts';
import type { ConnectToGitHub } from '../github/connect.ts';
import { metered } from '../github/metering.ts';
import { nameAwsFailure } from '../shared/aws-errors.ts';
import { PASSING_ERRORS } from '../shared/contract/errors.ts';
import type { RunOptions } from '../shared/contract/job-execution.ts';
import { NO_REQUESTS, type RequestCounts } from '../shared/contract/requests.ts';
import { type DeferrableResult, PASSING_RETRY, type WorkflowEvent } from '../shared/contract/workflow.ts';
import type { Deferral } from '../shared/deferral.ts';
import type { Table } from '../shared/dynamodb.ts';
import { isSyncError } from '../shared/errors.ts';
import type { Invocation } from '../shared/middleware.ts';
import * as runLog from './run-log.ts';

export type StepDependencies = Invocation & { executionsTable: Table; connect: ConnectToGitHub };

/** What a step knows of its run, and how it keeps to the limits of the run and of the invocation. */
export interface Step extends WorkflowEvent {
  options: RunOptions;
  /** ISO 8601, when the run took the lock. */
  since: string;
  /** ISO 8601, when the last full run began. */
  lastFullRun: string | undefined;
  /** Connects to GitHub and counts what is requested. */
  connect: ConnectToGitHub;
  /** Requests of this invocation that are not in any row yet. */
  unrecorded: () => RequestCounts;
  /** Says that the requests counted so far are in a row. */
  markRecorded: () => void;
  /** Asked before anything new begins. */
  stop: () => Deferral | undefined;
  /** Whether a stop was requested. Takes a request to DynamoDB. */
  isStopRequested: () => Promise<boolean>;
}

/** Why a part of the work must wait. */
interface Deferrable {
  deferral?: Deferral | undefined;
  /** What must wait, for the log: `batch 3 of 20: 7 item bank ids`. */
  deferredWork?: string;
}

export interface StepWork<Result> {
  /** The result of the step if a stop was requested before it did any work. */
  stopped: Result;
  /** Does the work, or does a part of it and says why the rest must wait. */
  work: (step: Step) => Promise<Result & Deferrable>;
  /** The rest cannot be done before the deadline: the state machine will not call again. The deferral says why. */
  onDeadline?: (step: Step, deferral: Deferral) => Promise<void>;
}

// A request can take 150 s: 61 s until a query fits into the computing time, four attempts of 15 s (the fourth follows
// a 401), waits of 10 s in total between them, and 10 s for asking whether GitHub is up. Reading the heads of written
// items again takes one more attempt. If GitHub is slower still, Lambda ends the invocation, and the next one repeats
// its work.
export const TIME_TO_STOP_MS = 180_000;

/**
 * Runs one step of a run: checks that the execution still holds the lock, records what was requested of GitHub even if
 * the step fails, and turns a deferral into the answer that makes the state machine wait and call again. A deferral
 * beyond the run's deadline ends the step instead.
 * @throws SyncError `ExecutionSuperseded` before anything is done, if the lock names another execution.
 */
export async function runStep<Result>(
  dependencies: StepDependencies,
  event: WorkflowEvent,
  step: StepWork<Result>,
): Promise<Result & DeferrableResult> {
  try {
    return await attemptStep(dependencies, event, step);
  } catch (error) {
    logNextAttempt(dependencies, event, nameAwsFailure(error));
    throw error;
  }
}

async function attemptStep<Result>(
  dependencies: StepDependencies,
  event: WorkflowEvent,
  { stopped, work, onDeadline }: StepWork<Result>,
): Promise<Result & DeferrableResult> {
  const { executionsTable, log, now } = dependencies;
  const lockNow = () => assertHoldsLock(executionsTable, event.executionArn);
  const isStopRequested = async () => (await lockNow()).stopRequestedBy !== undefined;
  const { options, since, lastFullRun, stopRequestedBy } = await lockNow();
  const atOnce = () => ({ deferred: false, resumeAt: now().toISOString() });
  if (stopRequestedBy !== undefined) return { ...stopped, ...atOnce() };
  const { connect, used, shareWaits } = metered(dependencies.connect);
  let recorded = NO_REQUESTS;
  const step: Step = {
    ...event,
    options,
    since,
    lastFullRun,
    connect,
    unrecorded: () => subtractRequests(used(), recorded),
    markRecorded: () => {
      recorded = used();
    },
    stop: () => stopAt(event.deadline, dependencies),
    isStopRequested,
  };
  try {
    const { deferral, deferredWork, ...rest } = await work(step);
    const result = rest as Result;
    // A run that is being stopped does not wait.
    if (!deferral || (await isStopRequested())) return { ...result, ...atOnce() };
    const limited = withinDeadline(step, deferral);
    runLog.deferred(log, limited, deferredWork);
    if (limited.kind !== 'deadline') {
      return { ...result, deferred: true, resumeAt: limited.resumeAt.toISOString() };
    }
    await onDeadline?.(step, deferral);
    return { ...result, ...atOnce() };
  } finally {
    await addRequests(dependencies, event.jobExecutionId, step.unrecorded());
    await shareWaits(dependencies);
  }
}

/** Logs when the state machine retries after a temporary error. Otherwise nothing would be logged for minutes. */
function logNextAttempt(
  { log, now }: Pick<Invocation, 'log' | 'now'>,
  { retryCount }: WorkflowEvent,
  error: unknown,
): void {
  const { intervalSeconds, backoffRate, maxAttempts } = PASSING_RETRY;
  const mayPass = isSyncError(error) && PASSING_ERRORS.some((name) => name === error.name);
  if (!mayPass || retryCount === undefined || retryCount >= maxAttempts) return;
  const at = new Date(now().getTime() + intervalSeconds * 1_000 * backoffRate ** retryCount);
  runLog.nextAttempt(log, error.message, { attempt: retryCount + 2, attempts: maxAttempts + 1, at });
}

/** @returns why nothing new should begin: the run's deadline has passed, or the invocation has little time left. */
export function stopAt(
  deadline: string,
  { now, remainingTimeMs }: Pick<Invocation, 'now' | 'remainingTimeMs'>,
): Deferral | undefined {
  const isOver = now().getTime() >= Date.parse(deadline);
  if (isOver) return { kind: 'deadline', resumeAt: now(), message: 'the deadline has passed' };
  return outOfTime({ now, remainingTimeMs });
}

/** @returns why nothing new should begin: the invocation has little time left. */
export function outOfTime({
  now,
  remainingTimeMs,
}: Pick<Invocation, 'now' | 'remainingTimeMs'>): Deferral | undefined {
  if (remainingTimeMs() > TIME_TO_STOP_MS) return undefined;
  return { kind: 'out-of-time', resumeAt: now(), message: 'the function is out of time' };
}

/** The same deferral, of kind `deadline` if it would last beyond the deadline of the run. */
export function withinDeadline({ deadline }: Pick<WorkflowEvent, 'deadline'>, deferral: Deferral): Deferral {
  return deferral.resumeAt.getTime() < Date.parse(deadline) ? deferral : { ...deferral, kind: 'deadline' };
}

function subtractRequests(left: RequestCounts, right: RequestCounts): RequestCounts {
  return {
    reads: left.reads - right.reads,
    writes: left.writes - right.writes,
    queries: left.queries - right.queries,
    queryMs: left.queryMs - right.queryMs,
    refused: left.refused - right.refused,
  };
}
