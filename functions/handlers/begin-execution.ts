import { type BeginDependencies, claimLock } from '../executions/begin.ts';
import { findEndingBy } from '../executions/liveness.ts';
import { createStepFunctions, createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { BeginExecutionEvent, BeginExecutionResult } from '../shared/contract/workflow.ts';
import { entryPoint, type Invocation } from '../shared/middleware.ts';
import * as runLog from '../synchronization/run-log.ts';

const HOUR_MS = 3_600_000;

/**
 * Claims the lock for an execution that has just begun, and sets its deadline.
 * @throws SyncError `JobExecutionAlreadyRunning`, `ExecutionSuperseded`.
 */
export async function beginExecution(
  dependencies: Invocation & BeginDependencies & { runDeadlineHours: number },
  { executionArn }: BeginExecutionEvent,
): Promise<BeginExecutionResult> {
  const { log, runDeadlineHours } = dependencies;
  const { execution, again, tookOver } = await claimLock(dependencies, executionArn);
  const { jobExecutionId, startTime = execution.createTime } = execution;
  log.appendKeys({ jobExecutionId });
  if (tookOver) runLog.tookOver(log, tookOver);
  if (again) runLog.continued(log, jobExecutionId);
  else runLog.launched(log, execution);
  const deadline = new Date(Date.parse(startTime) + runDeadlineHours * HOUR_MS);
  return { jobExecutionId, deadline: deadline.toISOString() };
}

export const handler = entryPoint(
  (env: Environment) => {
    const { jobExecutionsTable, ...settings } = readConfig(env, [
      'jobExecutionsTable',
      'runDeadlineHours',
      'dryRunOnly',
    ]);
    return {
      ...settings,
      executionsTable: createTable(jobExecutionsTable),
      stepFunctions: createStepFunctions(),
    };
  },
  (dependencies, event: BeginExecutionEvent) => {
    const findEnding = findEndingBy(dependencies.stepFunctions, dependencies.now);
    return beginExecution({ ...dependencies, findEnding }, event);
  },
);
