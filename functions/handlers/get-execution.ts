import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { withSharedWebhook } from '../executions/counts.ts';
import { estimateEnd } from '../executions/estimate.ts';
import { summaryOf } from '../executions/execution-summary.ts';
import { currentWaits } from '../executions/github-waits.ts';
import { type JobExecution, readRequestedExecution } from '../executions/job-execution.ts';
import { workingRowsKeptUntil } from '../executions/keys.ts';
import { countSoFar, progressIn, UNKNOWN_PROGRESS } from '../executions/run-progress.ts';
import type { ExecutionDetail, ExecutionProgress } from '../shared/contract/executions.ts';
import { hasEnded } from '../shared/contract/job-execution.ts';
import type { Table } from '../shared/dynamodb.ts';
import { jsonAnswer, parseJobExecutionId, problemResponses } from '../shared/http.ts';
import { entryPoint } from '../shared/middleware.ts';
import { type CloseDependencies, closeDependencies, closeIfEnded } from '../synchronization/close-ended.ts';
import { readSharedWebhook } from '../webhooks/webhook-rows.ts';

/**
 * `GET /executions/{jobExecutionId}`: one run with its progress. Closes its record if the execution ended without doing
 * so.
 * @throws SyncError `RequestInvalid`, `ExecutionNotFound`, `RowTooNew`.
 */
export async function getExecution(
  dependencies: CloseDependencies,
  event: Pick<APIGatewayProxyEventV2, 'pathParameters'>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { executionsTable } = dependencies;
  const id = parseJobExecutionId(event);
  const execution = await closeIfEnded(dependencies, await readRequestedExecution(executionsTable, id));
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

export const handler = entryPoint(closeDependencies, getExecution).use(problemResponses);
