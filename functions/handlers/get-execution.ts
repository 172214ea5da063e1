import type { SFNClient } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { withSharedWebhook } from '../executions/counts.ts';
import { estimateEnd } from '../executions/estimate.ts';
import { summaryOf } from '../executions/execution-summary.ts';
import { currentWaits } from '../executions/github-waits.ts';
import { type JobExecution, readRequestedExecution, requireExecution } from '../executions/job-execution.ts';
import { workingRowsKeptUntil } from '../executions/keys.ts';
import { findEndingBy } from '../executions/liveness.ts';
import { type Lock, readState } from '../executions/lock.ts';
import { countSoFar, progressIn, UNKNOWN_PROGRESS } from '../executions/run-progress.ts';
import { createStepFunctions } from '../shared/clients.ts';
import type { Environment } from '../shared/config.ts';
import type { ExecutionDetail, ExecutionProgress } from '../shared/contract/executions.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import { hasEnded } from '../shared/contract/job-execution.ts';
import type { Table } from '../shared/dynamodb.ts';
import { jsonAnswer, parseJobExecutionId, problemResponses } from '../shared/http.ts';
import { errorAttribute } from '../shared/logger.ts';
import { entryPoint } from '../shared/middleware.ts';
import { closeRecord, type EndDependencies, endDependencies } from '../synchronization/end-execution.ts';
import { readSharedWebhook } from '../webhooks/webhook-rows.ts';

export type GetExecutionDependencies = EndDependencies & { stepFunctions: SFNClient };

/**
 * `GET /executions/{jobExecutionId}`: one run with its progress. Closes its record if the execution ended without doing
 * so.
 * @throws SyncError `RequestInvalid`, `ExecutionNotFound`, `RowTooNew`.
 */
export async function getExecution(
  dependencies: GetExecutionDependencies,
  event: Pick<APIGatewayProxyEventV2, 'pathParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { executionsTable } = dependencies;
  const id = parseJobExecutionId(event);
  const execution = await readClosed(dependencies, id);
  const now = dependencies.now();
  const isActive = !hasEnded(execution);
  const [progress, waits] = await Promise.all([
    readRunProgress(executionsTable, execution, now),
    isActive ? currentWaits(executionsTable, now) : [],
  ]);
  const { startTime = null, forecast = null } = execution;
  // While a run is stopping, it is not known how long the batches in progress will take.
  const estimated =
    execution.status === 'STARTED' &&
    estimateEnd({ ...progress, startTime, waits, forecastSeconds: forecast?.seconds }, now);
  const answer: ExecutionDetail = {
    ...summaryOf(execution, now),
    ...progress,
    waits,
    forecast,
    estimatedEnd: estimated ? estimated.toISOString() : null,
    itemsKeptUntil: workingRowsKeptUntil(execution).toISOString(),
  };
  return jsonAnswer(200, answer);
}

async function readClosed(dependencies: GetExecutionDependencies, id: JobExecutionId): Promise<JobExecution> {
  const { executionsTable } = dependencies;
  const [execution, { active }] = await Promise.all([
    readRequestedExecution(executionsTable, id),
    readState(executionsTable),
  ]);
  if (hasEnded(execution) || active?.jobExecutionId !== id) return execution;
  if (isLeftToSchedule(execution, dependencies.now())) return execution;
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
async function findEnding({ stepFunctions, now, log }: GetExecutionDependencies, lock: Lock) {
  try {
    return await findEndingBy(stepFunctions, now)(lock);
  } catch (error) {
    const line = `could not ask Step Functions whether job execution ${lock.jobExecutionId} is running`;
    log.warn(line, errorAttribute(error));
    return undefined;
  }
}

async function readRunProgress(
  executionsTable: Table,
  execution: JobExecution,
  now: Date,
): Promise<ExecutionProgress> {
  const { jobExecutionId: id, counts, requests = null } = execution;
  if (counts) return { ...progressIn(counts), requests };
  if (now >= workingRowsKeptUntil(execution)) return UNKNOWN_PROGRESS;
  const [soFar, sharedWebhook] = await Promise.all([
    countSoFar(executionsTable, id),
    readSharedWebhook(executionsTable, id),
  ]);
  const progress = progressIn(withSharedWebhook(soFar.counts, sharedWebhook));
  return { ...progress, total: soFar.isListed ? progress.total : null, requests: soFar.requests };
}

export const handler = entryPoint(
  (env: Environment) => ({ ...endDependencies(env), stepFunctions: createStepFunctions() }),
  getExecution,
).use(problemResponses);
