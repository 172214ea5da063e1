import type { BeginExecutionEvent, BeginExecutionResult } from '../../contract.ts';
import { type BeginDependencies, beginExecution } from '../../executions/begin.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import * as story from './story.ts';

const HOUR_MS = 3_600_000;

/** Claims the lock for the execution that has just begun, and says until when it may work. */
export async function begin(
  dependencies: Invocation & BeginDependencies & { runDeadlineHours: number },
  { executionArn }: Pick<BeginExecutionEvent, 'executionArn'>,
): Promise<BeginExecutionResult> {
  const { log, runDeadlineHours } = dependencies;
  const { execution, again, tookOver } = await beginExecution(dependencies, executionArn);
  const { jobExecutionId, startTime = execution.createTime } = execution;
  log.appendKeys({ jobExecutionId });
  if (tookOver) story.tookOver(log, tookOver);
  if (again) story.continued(log, jobExecutionId);
  else story.launched(log, execution);
  const deadline = new Date(Date.parse(startTime) + runDeadlineHours * HOUR_MS);
  return { jobExecutionId, deadline: deadline.toISOString() };
}
