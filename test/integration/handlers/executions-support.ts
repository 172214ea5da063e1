import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ItemRow } from '../../../functions/executions/item-result.ts';
import { KEYS } from '../../../functions/executions/keys.ts';
import { findExecutionItems } from '../../../functions/handlers/find-execution-items.ts';
import { findExecutions } from '../../../functions/handlers/find-executions.ts';
import { getExecution } from '../../../functions/handlers/get-execution.ts';
import type { ChangeEvent } from '../../../functions/shared/contract/events.ts';
import type {
  ExecutionDetail,
  FindExecutionItemsAnswer,
  FindExecutionsAnswer,
} from '../../../functions/shared/contract/executions.ts';
import { itemBankId, jobExecutionId } from '../../../functions/shared/contract/ids.ts';
import { putRows, type Row, type Table } from '../../../functions/shared/dynamodb.ts';
import { problemOf } from '../../../functions/shared/http.ts';
import type { CloseDependencies } from '../../../functions/synchronization/close-ended.ts';
import { type Clock, createClock } from '../../support/clock.ts';
import { createLog, type RecordedLog } from '../../support/log.ts';
import { recordOf } from '../../support/records.ts';
import type { StepFunctions } from '../../support/step-functions.ts';

interface ReadAnswer<Body> {
  status: number | undefined;
  headers: APIGatewayProxyStructuredResultV2['headers'];
  body: Body;
  text: string;
}

/** Calls the routes that read executions as API Gateway does. */
export interface ExecutionsApi {
  executionsTable: Table;
  clock: Clock;
  log: RecordedLog;
  events: ChangeEvent[];
  find: (query?: Record<string, string>) => Promise<ReadAnswer<FindExecutionsAnswer>>;
  get: (id: number | string) => Promise<ReadAnswer<ExecutionDetail>>;
  items: (id: number, query?: Record<string, string>) => Promise<ReadAnswer<FindExecutionItemsAnswer>>;
}

/** `itemsTable` is only for tests with items that failed or were deferred. */
export function openExecutionsApi(
  executionsTable: Table,
  stepFunctions: Pick<StepFunctions, 'client'>,
  { itemsTable = executionsTable, ...overrides }: Partial<CloseDependencies> = {},
): ExecutionsApi {
  const clock = createClock();
  const log = createLog();
  const events: ChangeEvent[] = [];
  const dependencies: CloseDependencies = {
    executionsTable,
    stepFunctions: stepFunctions.client,
    log,
    now: clock.now,
    random: Math.random,
    remainingTimeMs: () => 28_000,
    publish: async (published) => void events.push(...published),
    notify: async () => {},
    emitMetrics: () => {},
    ...overrides,
  };
  const pathOf = (id: number | string) => ({ pathParameters: { jobExecutionId: String(id) } });
  return {
    executionsTable,
    clock,
    log,
    events,
    find: (query) =>
      answerOf(findExecutions(dependencies, query === undefined ? {} : { queryStringParameters: query })),
    get: (id) => answerOf(getExecution(dependencies, pathOf(id))),
    items: (id, queryStringParameters = {}) =>
      answerOf(findExecutionItems({ ...dependencies, itemsTable }, { ...pathOf(id), queryStringParameters })),
  };
}

async function answerOf<Body>(result: Promise<APIGatewayProxyStructuredResultV2>): Promise<ReadAnswer<Body>> {
  const {
    statusCode: status,
    headers,
    body: text = '',
  } = await result.catch((error: unknown) => problemOf(error, 'request-1'));
  const isJson = String(headers?.['content-type']).endsWith('json');
  return { status, headers, body: isJson ? JSON.parse(text) : {}, text };
}

/** The row of an item of run 1, as a batch writes it. */
export const rowOf = (id: number, result: Partial<ItemRow> & Row = {}): Row => ({
  ...KEYS.item(jobExecutionId(1), itemBankId(id)),
  itemBankId: id,
  repositoryName: `item-${id}`,
  outcome: 'created',
  webhookFound: 'present',
  webhookLeft: 'present',
  durationMs: 7,
  ...result,
});

/** Writes run 1 with these rows, and another run. */
export async function putRunWith(executionsTable: Table, rows: readonly Row[]): Promise<void> {
  const other = jobExecutionId(2);
  await putRows(executionsTable, [
    recordOf(1),
    recordOf(2),
    { ...KEYS.progress(jobExecutionId(1), 0), batch: 0 },
    ...rows,
    { ...rowOf(99), ...KEYS.item(other, itemBankId(99)) },
  ]);
}
