import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
import { type Ending, failedWith } from './job-execution.ts';
import type { Lock } from './lock.ts';

/** Tells how the execution that holds a lock ended, or undefined while it lives. */
export type FindEnding = (lock: Lock) => Promise<Ending | undefined>;

// Between taking the lock and the execution being visible in Step Functions lie one StartExecution call with its
// retries and a moment of eventual consistency: far less than two minutes.
const STARTING_GRACE_MS = 2 * 60_000;

/** Step Functions says whether an execution lives; only while it may not know the name yet is it not asked. */
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

/** Spring Batch's word for how a Step Functions execution ended; undefined while it goes on. */
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
      // SUCCEEDED too: an execution that succeeded has given the lock back, so one that holds it did not finish.
      return failedWith(error, cause);
  }
}
