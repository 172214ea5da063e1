import { type BeginDependencies, claimLock } from '../executions/begin.ts';
import { requireExecution } from '../executions/job-execution.ts';
import { findEndingBy } from '../executions/liveness.ts';
import { createStepFunctions } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { BeginExecutionEvent, BeginExecutionResult } from '../shared/contract/workflow.ts';
import { errorAttribute } from '../shared/logger.ts';
import { entryPoint } from '../shared/middleware.ts';
import { type EndDependencies, endDependencies, reportEnd } from '../synchronization/end-execution.ts';
import * as runLog from '../synchronization/run-log.ts';

const HOUR_MS = 3_600_000;

/**
 * Claims the lock for an execution that has just begun, and sets its deadline. If the lock was taken over, the end of the
 * run before is reported here: its own execution could not do so.
 * @throws SyncError `JobExecutionAlreadyRunning`, `ExecutionSuperseded`.
 */
export async function beginExecution(
  dependencies: EndDependencies & BeginDependencies & { runDeadlineHours: number },
  { executionArn }: BeginExecutionEvent,
): Promise<BeginExecutionResult> {
  const { log, runDeadlineHours } = dependencies;
  const { execution, again, tookOver } = await claimLock(dependencies, executionArn);
  const { jobExecutionId, startTime = execution.createTime } = execution;
  if (!again && execution.tookOver !== undefined) await reportFormer(dependencies, execution.tookOver);
  log.appendKeys({ jobExecutionId });
  if (tookOver) runLog.tookOver(log, tookOver);
  if (again) runLog.continued(log, jobExecutionId);
  else runLog.launched(log, execution);
  const deadline = new Date(Date.parse(startTime) + runDeadlineHours * HOUR_MS);
  return { jobExecutionId, deadline: deadline.toISOString() };
}

/** A report that cannot be made must not keep this run from beginning. */
async function reportFormer(dependencies: EndDependencies, id: JobExecutionId): Promise<void> {
  const { executionsTable, log } = dependencies;
  log.appendKeys({ jobExecutionId: id });
  try {
    await reportEnd(dependencies, await requireExecution(executionsTable, id));
  } catch (error) {
    log.warn(`could not report the end of job execution ${id}`, errorAttribute(error));
  }
}

export const handler = entryPoint(
  (env: Environment) => {
    const settings = readConfig(env, ['runDeadlineHours', 'dryRunOnly']);
    return { ...settings, ...endDependencies(env), stepFunctions: createStepFunctions() };
  },
  (dependencies, event: BeginExecutionEvent) => {
    const findEnding = findEndingBy(dependencies.stepFunctions, dependencies.now);
    return beginExecution({ ...dependencies, findEnding }, event);
  },
);
