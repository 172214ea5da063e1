import { type BeginDependencies, claimLock } from '../executions/begin.ts';
import { findEndingBy } from '../executions/liveness.ts';
import type { BeginExecutionEvent, BeginExecutionResult } from '../shared/contract/workflow.ts';
import type { Invocation } from '../shared/middleware.ts';
import { entryPoint } from '../shared/middleware.ts';
import * as story from '../synchronization/run-log.ts';
import { beginDependencies } from './dependencies.ts';

const HOUR_MS = 3_600_000;

/** Claims the lock for the execution that has just begun, and says until when it may work. */
export async function begin(
  dependencies: Invocation & BeginDependencies & { runDeadlineHours: number },
  { executionArn }: Pick<BeginExecutionEvent, 'executionArn'>,
): Promise<BeginExecutionResult> {
  const { log, runDeadlineHours } = dependencies;
  const { execution, again, tookOver } = await claimLock(dependencies, executionArn);
  const { jobExecutionId, startTime = execution.createTime } = execution;
  log.appendKeys({ jobExecutionId });
  if (tookOver) story.tookOver(log, tookOver);
  if (again) story.continued(log, jobExecutionId);
  else story.launched(log, execution);
  const deadline = new Date(Date.parse(startTime) + runDeadlineHours * HOUR_MS);
  return { jobExecutionId, deadline: deadline.toISOString() };
}

export const handler = entryPoint(beginDependencies, (dependencies, event: BeginExecutionEvent) => {
  const findEnding = findEndingBy(dependencies.stepFunctions, dependencies.now);
  return begin({ ...dependencies, findEnding }, event);
});
