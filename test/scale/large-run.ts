import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import {
  type HistoryFigures,
  type HistoryLine,
  readHistory,
} from '../../bench/product/state-machine-history.ts';
import { writeListing } from '../../functions/executions/listing.ts';
import { rowBytes } from '../../functions/mirror/row-changes.ts';
import type { WorkflowFunctionName } from '../../functions/shared/contract/functions.ts';
import { itemBankId, jobExecutionId } from '../../functions/shared/contract/ids.ts';
import { resourceNames } from '../../functions/shared/contract/names.ts';
import type {
  Batch,
  BeginExecutionResult,
  DeferrableResult,
  ExecutionResult,
  ListItemBankIdsResult,
  SynchronizeBatchResult,
} from '../../functions/shared/contract/workflow.ts';
import type { Row, Table } from '../../functions/shared/dynamodb.ts';
import { historyWriter } from '../../local/cloud/execution-history.ts';
import { openLogs } from '../../local/cloud/logs.ts';
import { runStateMachine } from '../../local/cloud/state-machine-run.ts';
import { createClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/cloud/assembly.ts';
import { readStateMachine } from '../support/state-machine.ts';

const ID = jobExecutionId(1_000_000);
const NOW = createClock().now();
// As long as the longest repository ids that GitHub has today, and the longest names of items.
const FIRST_ITEM_BANK_ID = 1_090_000_000;

/** Writes a listing of `ids` repositories. @returns its batches, and the size of its largest row in bytes. */
export async function writeLargeListing(ids: number): Promise<{ batches: Batch[]; largestRowBytes: number }> {
  const repositories = Array.from({ length: ids }, (_, index) => ({
    itemBankId: itemBankId(FIRST_ITEM_BANK_ID + index),
    nodeId: `R_kgDO${String(index).padStart(12, 'A')}`,
    repositoryName: `item-${FIRST_ITEM_BANK_ID + index}`,
    archived: false,
  }));
  const summary = { announced: ids, found: ids, complete: true, querySize: 100, maxWorkers: 10 };
  const { executionsTable, rows } = recordingTable();
  const { batches } = await writeListing({ executionsTable, now: () => NOW }, ID, {
    repositories,
    ...summary,
  });
  return { batches, largestRowBytes: Math.max(...rows.map(rowBytes)) };
}

const Write = z.union([
  z.object({ Item: z.looseObject({}) }).transform(({ Item }) => [Item]),
  z
    .object({
      RequestItems: z.object({
        recorded: z.array(z.object({ PutRequest: z.object({ Item: z.looseObject({}) }) })),
      }),
    })
    .transform(({ RequestItems }) => RequestItems.recorded.map(({ PutRequest }) => PutRequest.Item)),
]);

/** A table that only records the rows written to it, because an engine would take seconds to store so many. */
function recordingTable(): { executionsTable: Table; rows: Row[] } {
  const rows: Row[] = [];
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
  const record = () => async (request: { input: unknown }) => {
    rows.push(...Write.parse(request.input));
    return { response: {}, output: { $metadata: {} } };
  };
  client.middlewareStack.add(record, { step: 'initialize' });
  return { executionsTable: { client, name: 'recorded' }, rows };
}

/**
 * Runs the stack's state machine over these batches. Its functions are replaced by ones that succeed at once, after each
 * batch was deferred `deferralsOfEach` times, or that fail each batch.
 */
export async function runStateMachineOver(
  batches: Batch[],
  fate: { deferralsOfEach: number } | 'every batch fails',
): Promise<HistoryFigures & { status: string | undefined }> {
  const folder = await temporaryFolder();
  const logs = openLogs(folder);
  const { definition, stateMachineArn } = readStateMachine();
  const execution = {
    executionArn: `${stateMachineArn.replace(':stateMachine:', ':execution:')}:sync-1000000-0123456789ab`,
    stateMachineArn,
    name: 'sync-1000000-0123456789ab',
    status: 'RUNNING' as const,
    startDateMs: NOW.getTime(),
    input: JSON.stringify({ jobExecutionId: ID }),
  };
  const file = join(folder, 'history.jsonl');
  const history = historyWriter(execution, { definition, logging: LOGGING, logs, file });
  const answer = answersFor(batches, fate === 'every batch fails' ? 0 : fate.deferralsOfEach);
  const synchronizeBatch = resourceNames('test').function('synchronize-batch');
  const end = await runStateMachine({
    definition,
    execution,
    invoke: async (name, payload) =>
      fate === 'every batch fails' && name === synchronizeBatch
        ? { error: LONG_ERROR }
        : { payload: JSON.stringify(answer(name, payload)) },
    onEvent: history.write,
    onCall: history.call,
    warn: (message) => {
      throw new Error(message);
    },
  }).end;
  history.end({ ...execution, status: 'FAILED', ...end });
  const lines = [...logs.read(LOG_GROUP)].map(({ message }): HistoryLine => JSON.parse(message)).reverse();
  logs.close();
  return { ...readHistory(lines), status: end?.status };
}

const LONG_ERROR = { errorType: 'TypeError', errorMessage: 'x'.repeat(10_000), trace: [] };

const LOG_GROUP = 'history';
const LOGGING = {
  Level: 'ALL' as const,
  IncludeExecutionData: true,
  Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: `arn:aws:logs:::log-group:${LOG_GROUP}:*` } }],
};

type Answer = (functionName: string, payload: unknown) => unknown;

function answersFor(batches: Batch[], deferralsOfEach: number): Answer {
  // Not in the past, because Node warns about negative timers.
  const soon = (): string => new Date(Date.now() + 20).toISOString();
  const done: DeferrableResult = { deferred: false, resumeAt: soon() };
  const deferrals = new Map<unknown, number>();
  const synchronize = (payload: unknown): SynchronizeBatchResult => {
    const { batch } = z.object({ batch: z.number() }).parse(payload);
    const before = deferrals.get(batch) ?? 0;
    deferrals.set(batch, before + 1);
    return {
      deferred: before < deferralsOfEach,
      resumeAt: soon(),
      processed: 100,
      requiringProjectWebhook: 100,
      failedItemBankIds: [],
    };
  };
  const answers: Partial<Record<WorkflowFunctionName, (payload: unknown) => unknown>> = {
    'begin-execution': () =>
      ({ jobExecutionId: ID, deadline: NOW.toISOString() }) satisfies BeginExecutionResult,
    'list-item-bank-ids': () => ({ ...done, batches, workers: 10 }) satisfies ListItemBankIdsResult,
    'synchronize-batch': synchronize,
    'fail-batch': () => null,
    'create-webhooks': () => done,
    'remove-deleted-items': () => done,
    'complete-execution': () =>
      ({
        jobExecutionId: ID,
        status: 'COMPLETED',
        exitCode: 'COMPLETED',
        exitMessage: '',
      }) satisfies ExecutionResult,
  };
  const names = resourceNames('test');
  const byName = new Map(
    Object.entries(answers).map(([entryPoint, answer]) => [
      names.function(entryPoint as WorkflowFunctionName),
      answer,
    ]),
  );
  return (functionName, payload) => {
    const answer = byName.get(functionName);
    if (!answer) throw new Error(`no answer of ${functionName}`);
    return answer(payload);
  };
}
