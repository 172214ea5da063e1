import type {
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import type { Caller } from '../auth/scopes.ts';
import { currentWaits } from '../executions/github-waits.ts';
import type { JobExecution } from '../executions/job-execution.ts';
import { requestStop, type StopDependencies } from '../executions/stop.ts';
import { PUBLISHED_LIMITS } from '../github/limits.ts';
import { createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { ControlAnswer } from '../shared/contract/executions.ts';
import { jsonAnswer, parseJobExecutionId, problemResponses } from '../shared/http.ts';
import { entryPoint, type Invocation } from '../shared/middleware.ts';
import { openWriteAllowance } from '../webhooks/write-allowance.ts';

/**
 * `POST /executions/{jobExecutionId}/stop`: requests that a run stop, and answers 202. The run finishes its batches in
 * progress. Further calls get the same answer.
 * @throws SyncError `RequestInvalid`, `ExecutionNotFound`, `ExecutionEnded`, `RowTooNew`.
 */
export async function stopExecution(
  dependencies: Invocation & StopDependencies,
  event: APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { log } = dependencies;
  const id = parseJobExecutionId(event);
  log.appendKeys({ jobExecutionId: id });
  const { subject } = event.requestContext.authorizer.lambda;
  const execution = await requestStop(dependencies, id, subject);
  const { jobExecutionId, status, stoppedBy = subject } = execution;
  log.info(`stop of job execution ${id} requested by ${subject}`);
  const message = await sentenceOn(dependencies, execution);
  const answer: ControlAnswer = { jobExecutionId, status, message, stoppedBy };
  return jsonAnswer(202, answer);
}

async function sentenceOn(
  dependencies: Invocation & StopDependencies,
  { jobExecutionId: id, status }: Pick<JobExecution, 'jobExecutionId' | 'status'>,
): Promise<string> {
  if (status === 'STOPPED') return `Job execution ${id} is stopped`;
  const stopping = `Job execution ${id} stops when the batches in progress are finished`;
  const waitsUntil = await endOfWaits(dependencies);
  if (!waitsUntil) return stopping;
  const time = waitsUntil.toISOString().slice(11, 16);
  return `${stopping}, or when its wait for GitHub ends, at about ${time} UTC. PUT /executions/${id}/abandon ends it at once`;
}

/** @returns the end of the longest wait for GitHub that the run may be in; undefined if there is none. */
async function endOfWaits(dependencies: Invocation & StopDependencies): Promise<Date | undefined> {
  const { executionsTable, now } = dependencies;
  const [waits, allowance] = await Promise.all([
    currentWaits(executionsTable, now()),
    // With githubLimits=off, no writes are counted, so that this finds no wait.
    openWriteAllowance(dependencies, PUBLISHED_LIMITS),
  ]);
  const ends = [allowance.deferral()?.resumeAt ?? now(), ...waits.map(({ until }) => new Date(until))];
  const latest = new Date(Math.max(...ends.map((end) => end.getTime())));
  return latest > now() ? latest : undefined;
}

export const handler = entryPoint((env: Environment) => {
  const { jobExecutionsTable } = readConfig(env, ['jobExecutionsTable']);
  return { executionsTable: createTable(jobExecutionsTable) };
}, stopExecution).use(problemResponses);
