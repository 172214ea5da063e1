import { type BeginDependencies, claimLock } from '../executions/begin.ts';
import { findEndingBy } from '../executions/liveness.ts';
import { createStepFunctions } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { BeginExecutionEvent, BeginExecutionResult } from '../shared/contract/workflow.ts';
import { entryPoint } from '../shared/middleware.ts';
import { type EndDependencies, endDependencies, reportFormer } from '../synchronization/end-execution.ts';
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
