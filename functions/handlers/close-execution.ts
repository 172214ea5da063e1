import type { EventBridgeEvent } from 'aws-lambda';
import { endingOf } from '../executions/liveness.ts';
import { messageOfCause } from '../shared/contract/workflow.ts';
import { entryPoint } from '../shared/middleware.ts';
import { closeRecord, type EndDependencies, endDependencies } from '../synchronization/end-execution.ts';

/** Detail of Step Functions' status-change event. */
interface ExecutionStatusChange {
  executionArn: string;
  status: string;
  error?: string | null;
  cause?: string | null;
}

/** Closes the record of an execution that ended without doing so itself: stopped, timed out, or failed too early. */
export async function closeExecution(
  dependencies: EndDependencies,
  {
    detail,
  }: Pick<EventBridgeEvent<'Step Functions Execution Status Change', ExecutionStatusChange>, 'detail'>,
): Promise<void> {
  const ending = endingOf({
    status: detail.status,
    error: detail.error ?? undefined,
    cause: detail.cause ? messageOfCause(detail.cause) : undefined,
  });
  if (ending) await closeRecord(dependencies, detail.executionArn, ending);
}

export const handler = entryPoint(endDependencies, closeExecution);
