import type { SFNClient } from '@aws-sdk/client-sfn';
import { type JobExecution, requireExecution } from '../executions/job-execution.ts';
import { findEndingBy } from '../executions/liveness.ts';
import { type Lock, readState } from '../executions/lock.ts';
import { createStepFunctions } from '../shared/clients.ts';
import type { Environment } from '../shared/config.ts';
import { hasEnded } from '../shared/contract/job-execution.ts';
import { errorAttribute } from '../shared/logger.ts';
import type { Invocation } from '../shared/middleware.ts';
import { closeRecord, type EndDependencies, endDependencies } from './end-execution.ts';

export type CloseDependencies = EndDependencies & { stepFunctions: SFNClient };

/** Dependencies of the functions that read runs, and close the records of those that have ended. */
export const closeDependencies = (env: Environment): Omit<CloseDependencies, keyof Invocation> => ({
  ...endDependencies(env),
  stepFunctions: createStepFunctions(),
});

/** Closes the record of a run if its execution has ended without doing so. @returns the record as it is now. */
export async function closeIfEnded(
  dependencies: CloseDependencies,
  execution: JobExecution,
): Promise<JobExecution> {
  const { executionsTable, now } = dependencies;
  const { jobExecutionId: id } = execution;
  if (hasEnded(execution) || isLeftToSchedule(execution, now())) return execution;
  const { active } = await readState(executionsTable);
  if (active?.jobExecutionId !== id) return execution;
  const ending = await findEnding(dependencies, active);
  if (!ending) return execution;
  await closeRecord(dependencies, active.executionArn, ending);
  return requireExecution(executionsTable, id);
}

// EventBridge has a scheduled start repeated for some minutes.
const SCHEDULE_GRACE_MS = 10 * 60_000;

/** A later delivery of the same scheduled minute starts the execution, unless its record has been closed. */
const isLeftToSchedule = ({ status, trigger, createTime }: JobExecution, now: Date): boolean =>
  status === 'STARTING' &&
  trigger === 'schedule' &&
  now.getTime() - Date.parse(createTime) < SCHEDULE_GRACE_MS;

/** If Step Functions does not answer, the record as it is is still useful to the caller. */
async function findEnding({ stepFunctions, now, log }: CloseDependencies, lock: Lock) {
  try {
    return await findEndingBy(stepFunctions, now)(lock);
  } catch (error) {
    const line = `could not ask Step Functions whether job execution ${lock.jobExecutionId} is running`;
    log.warn(line, errorAttribute(error));
    return undefined;
  }
}
