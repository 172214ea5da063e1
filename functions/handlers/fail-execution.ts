import { failedWith } from '../executions/job-execution.ts';
import { type FailExecutionEvent, messageOfCause } from '../shared/contract/workflow.ts';
import { entryPoint } from '../shared/middleware.ts';
import { closeRecord, type EndDependencies, endDependencies } from '../synchronization/end-execution.ts';

/** Ends the record of an execution that met an error, which becomes its exit message. */
export async function failExecution(
  dependencies: EndDependencies,
  { executionArn, error }: FailExecutionEvent,
): Promise<void> {
  await closeRecord(dependencies, executionArn, failedWith(error.Error, messageOfCause(error.Cause)));
}

export const handler = entryPoint(endDependencies, failExecution);
