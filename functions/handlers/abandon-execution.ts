import type { SFNClient } from '@aws-sdk/client-sfn';
import type {
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import type { Caller } from '../auth/scopes.ts';
import { type JobExecution, readRequestedExecution } from '../executions/job-execution.ts';
import { stopInStepFunctions } from '../executions/liveness.ts';
import { finishExecution } from '../executions/lock.ts';
import { assertNotEnded } from '../executions/stop.ts';
import { createStepFunctions } from '../shared/clients.ts';
import type { Environment } from '../shared/config.ts';
import type { ControlAnswer } from '../shared/contract/executions.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonAnswer, parseJobExecutionId, problemResponses } from '../shared/http.ts';
import { errorAttribute } from '../shared/logger.ts';
import { entryPoint } from '../shared/middleware.ts';
import { type EndDependencies, endDependencies, reportEnd } from '../synchronization/end-execution.ts';

export type AbandonDependencies = EndDependencies & { stepFunctions: SFNClient };

/**
 * `PUT /executions/{jobExecutionId}/abandon`: ends the record of a run and releases its lock at once, whatever state
 * the execution is in. Answers 200. Further calls get the same answer.
 * @throws SyncError `RequestInvalid`, `ExecutionNotFound`, `ExecutionEnded`, `RowTooNew`.
 */
export async function abandonExecution(
  dependencies: AbandonDependencies,
  event: APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { log } = dependencies;
  const id = parseJobExecutionId(event);
  log.appendKeys({ jobExecutionId: id });
  const { subject } = event.requestContext.authorizer.lambda;
  const { execution, isEndedNow } = await abandon(dependencies, id, subject);
  const { jobExecutionId, status, executionArn, stoppedBy = subject } = execution;
  // The functions of the run would stop anyway, because it has lost the lock. This saves their invocations.
  const reason = { error: 'Abandoned', cause: `abandoned by ${stoppedBy}` };
  await stopInStepFunctions(dependencies.stepFunctions, executionArn, reason).catch((error) =>
    log.warn('could not stop the abandoned execution in Step Functions', errorAttribute(error)),
  );
  if (isEndedNow) await reportEnd(dependencies, execution);
  const message = `Job execution ${id} is abandoned`;
  const answer: ControlAnswer = { jobExecutionId, status, message, stoppedBy };
  return jsonAnswer(200, answer);
}

/** @returns the record, which is ABANDONED, and whether this call ended it. */
async function abandon(
  dependencies: AbandonDependencies,
  id: JobExecutionId,
  stoppedBy: string,
): Promise<{ execution: JobExecution; isEndedNow: boolean }> {
  const { executionsTable } = dependencies;
  const execution = await readRequestedExecution(executionsTable, id);
  if (execution.status === 'ABANDONED') return { execution, isEndedNow: false };
  assertNotEnded(execution);
  const finished = await finishExecution(dependencies, execution.executionArn, {
    status: 'ABANDONED',
    exitCode: 'ABANDONED',
    exitMessage: `abandoned by ${stoppedBy}`,
    stoppedBy,
  });
  if (finished) return { execution: finished, isEndedNow: true };
  const ended = await readRequestedExecution(executionsTable, id);
  if (ended.status === 'ABANDONED') return { execution: ended, isEndedNow: false };
  assertNotEnded(ended);
  throw new SyncError('RowInvalid', `job execution ${id} has not ended, but does not hold the lock`);
}

export const handler = entryPoint(
  (env: Environment) => ({ ...endDependencies(env), stepFunctions: createStepFunctions() }),
  abandonExecution,
).use(problemResponses);
