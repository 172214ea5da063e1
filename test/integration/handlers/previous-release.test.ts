import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { KEYS } from '../../../functions/executions/keys.ts';
import { beginExecution } from '../../../functions/handlers/begin-execution.ts';
import { completeExecution } from '../../../functions/handlers/complete-execution.ts';
import { createWebhooks } from '../../../functions/handlers/create-webhooks.ts';
import { failExecution } from '../../../functions/handlers/fail-execution.ts';
import { listItemBankIds } from '../../../functions/handlers/list-item-bank-ids.ts';
import { removeDeletedItems } from '../../../functions/handlers/remove-deleted-items.ts';
import { synchronizeBatch } from '../../../functions/handlers/synchronize-batch.ts';
import {
  type FailExecutionEvent,
  STATES,
  type SynchronizeBatchEvent,
} from '../../../functions/shared/contract/workflow.ts';
import { startBank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run } from '../../support/run.ts';

/*
 * A deployment replaces the functions at once, but a running execution keeps the definition that it began with. The new
 * functions must therefore accept what the state machine of the last release sends, and return every field that it reads.
 *
 * To record `previous-release/run.json` again after a release: check out that release, run `npm run reset && npm start`,
 * call POST /sync, and run
 *   aws stepfunctions get-execution-history --endpoint-url http://127.0.0.1:4566 --execution-arn …
 * Copy the Payload of each TaskScheduled event and of the TaskSucceeded event after it. `failure.json` holds the payload
 * of FailExecution.
 */
const newTable = useDynamoDb();
const FOLDER = join(import.meta.dirname, 'previous-release');
const RECORDED_ARN = /arn:aws:states:[^"]+:execution:[^"]+/g;

interface Recorded<Payload> {
  state: string;
  payload: Payload;
  answer: unknown;
}

/** Reads a recording and replaces its execution ARN with that of this run. */
async function recordedAs<Content>({ event }: Run, file: string): Promise<Content> {
  const text = await readFile(join(FOLDER, file), 'utf8');
  return JSON.parse(text.replaceAll(RECORDED_ARN, event.executionArn));
}

/** Calls the function of a state. The payload has the type of a batch, which has the fields of every other payload. */
function call({ dependencies, clock }: Run, state: string, payload: SynchronizeBatchEvent): Promise<unknown> {
  const beginDependencies = { findEnding: async () => undefined, dryRunOnly: false, runDeadlineHours: 6 };
  switch (state) {
    case STATES.beginExecution:
      return beginExecution({ ...dependencies, ...beginDependencies, now: clock.now }, payload);
    case STATES.listItemBankIds:
      return listItemBankIds(dependencies, payload);
    case STATES.synchronizeBatch:
      return synchronizeBatch(dependencies, payload);
    case STATES.createWebhooks:
      return createWebhooks(dependencies, payload);
    case STATES.removeDeletedItems:
      return removeDeletedItems(dependencies, payload);
    case STATES.completeExecution:
      return completeExecution(dependencies, payload);
    default:
      throw new Error(`no function for the state ${state}`);
  }
}

/** Replaces each value with its type. A list keeps only its first element. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, shapeOf(inner)]));
}

describe('an execution that began before a deployment', () => {
  it('is completed by the functions of this release', async () => {
    const run = await beginRun({ newTable, bank: await startBank({ repositories: 10 }) });
    const recording = await recordedAs<Recorded<SynchronizeBatchEvent>[]>(run, 'run.json');
    expect(recording.map(({ state }) => state)).toEqual([
      'BeginExecution',
      'ListItemBankIds',
      'SynchronizeBatch',
      'CreateWebhooks',
      'RemoveDeletedItems',
      'CompleteExecution',
    ]);
    for (const { state, payload, answer } of recording) {
      const shape = shapeOf(await call(run, state, payload));
      expect({ state, answer: shape }).toMatchObject({ state, answer: shapeOf(answer) });
    }
    const record = await readExecution(run.dependencies.executionsTable, run.event.jobExecutionId);
    expect(record).toMatchObject({ status: 'COMPLETED', exitCode: 'COMPLETED' });
  });

  it('is completed from progress rows without newer fields', async () => {
    const run = await beginRun({ newTable, bank: await startBank({ repositories: 10 }) });
    await run.list();
    await run.batches();
    const { executionsTable } = run.dependencies;
    await executionsTable.client.send(
      new UpdateCommand({
        TableName: executionsTable.name,
        Key: KEYS.progress(run.event.jobExecutionId, 0),
        UpdateExpression: 'REMOVE webhooksDiffering, requests',
        ConditionExpression: 'attribute_exists(requests)',
      }),
    );
    expect(await run.complete()).toMatchObject({ exitCode: 'COMPLETED_WITH_FAILURES' });
  });

  it('is recorded as failed by the functions of this release when it fails', async () => {
    const run = await beginRun({ newTable, bank: await startBank({ repositories: 10 }) });
    const { payload } = await recordedAs<Recorded<FailExecutionEvent>>(run, 'failure.json');
    await failExecution(run.dependencies, payload);
    const record = await readExecution(run.dependencies.executionsTable, run.event.jobExecutionId);
    expect(record).toMatchObject({ status: 'FAILED', exitMessage: 'ListingIncomplete: no complete listing' });
  });
});
