import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  type SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type Ending, failedWith } from './job-execution.ts';
import type { Lock } from './lock.ts';

/** Finds out how the execution that holds a lock ended; undefined while it is running. */
export type FindEnding = (lock: Lock) => Promise<Ending | undefined>;

// After the lock is taken, one StartExecution call with its retries and a moment of eventual consistency pass before
// Step Functions knows the execution: far less than two minutes.
const STARTING_GRACE_MS = 2 * 60_000;

/** Asks Step Functions whether an execution is running, unless it may not know the execution yet. */
export function findEndingBy(stepFunctions: SFNClient, now: () => Date): FindEnding {
  return async (lock) => {
    const ageMs = now().getTime() - Date.parse(lock.since);
    if (lock.status === 'STARTING' && ageMs < STARTING_GRACE_MS) return undefined;
    try {
      const { status, error, cause } = await stepFunctions.send(
        new DescribeExecutionCommand({ executionArn: lock.executionArn }),
      );
      return endingOf({ status: status ?? 'RUNNING', error, cause });
    } catch (failure) {
      if (!(failure instanceof ExecutionDoesNotExist)) throw failure;
      return failedWith('ExecutionDoesNotExist', 'Step Functions does not know the execution');
    }
  };
}

/** Stops an execution. Has no effect if it has ended, or if Step Functions does not know it. */
export async function stopInStepFunctions(
  stepFunctions: SFNClient,
  executionArn: string,
  reason: { error: string; cause: string },
): Promise<void> {
  try {
    await stepFunctions.send(new StopExecutionCommand({ executionArn, ...reason }));
  } catch (failure) {
    if (!(failure instanceof ExecutionDoesNotExist)) throw failure;
  }
}

const STOPPED_FOR_SCHEDULE = { error: 'ScheduledRun', cause: 'the scheduled run had to start' };

/**
 * Stops an execution that is running if it is a dry run, and reports that as its ending. Otherwise a dry run would take
 * the place of a run that writes.
 * @throws ExecutionDoesNotExist for a dry run that is just being started.
 */
export function stoppingDryRuns(stepFunctions: SFNClient, findEnding: FindEnding): FindEnding {
  return async (lock) => {
    const ending = await findEnding(lock);
    if (ending || !lock.options.dryRun) return ending;
    const { executionArn } = lock;
    await stepFunctions.send(new StopExecutionCommand({ executionArn, ...STOPPED_FOR_SCHEDULE }));
    return endingOf({ status: 'ABORTED', ...STOPPED_FOR_SCHEDULE });
  };
}

/** Translates the end of a Step Functions execution into Spring Batch's terms; undefined while it is running. */
export function endingOf(execution: {
  status: string;
  error?: string | undefined;
  cause?: string | undefined;
}): Ending | undefined {
  const { status, error = status, cause = 'Step Functions gives no cause' } = execution;
  switch (status) {
    case 'RUNNING':
    case 'PENDING_REDRIVE':
      return undefined;
    case 'ABORTED':
      return { status: 'STOPPED', exitCode: 'STOPPED', exitMessage: `${error}: ${cause}` };
    default:
      // SUCCEEDED too: an execution releases the lock before it succeeds, so one that holds it has not finished.
      return failedWith(error, cause);
  }
}
