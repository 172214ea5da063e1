import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
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
