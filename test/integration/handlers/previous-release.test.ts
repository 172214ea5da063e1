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
 * A deployment replaces the functions at once, but an execution goes on by the definition that it began with. So what
 * the state machine of the last release sends has to be understood, and what it reads of the answers has to be there.
 *
 * To renew `previous-release/run.json` after a release: check that release out, `npm run reset && npm start`, POST /sync,
 * and take of
 *   aws stepfunctions get-execution-history --endpoint-url http://127.0.0.1:4566 --execution-arn …
 * the Payload of each TaskScheduled and of the TaskSucceeded after it. `failure.json` is what FailExecution is sent.
 */
const newTable = useDynamoDb();
const FOLDER = join(import.meta.dirname, 'previous-release');
const RECORDED_ARN = /arn:aws:states:[^"]+:execution:[^"]+/g;

interface Recorded<Payload> {
  state: string;
  payload: Payload;
  answer: unknown;
}

/** The recording, as if it were of this run. */
async function recordedAs<Content>({ event }: Run, file: string): Promise<Content> {
  const text = await readFile(join(FOLDER, file), 'utf8');
  return JSON.parse(text.replaceAll(RECORDED_ARN, event.executionArn));
}

/** What the function of a state does with a payload, which is one of a batch where the state has batches. */
function call({ dependencies, clock }: Run, state: string, payload: SynchronizeBatchEvent): Promise<unknown> {
  const beginning = { findEnding: async () => undefined, dryRunOnly: false, runDeadlineHours: 6 };
  switch (state) {
    case STATES.beginExecution:
      return beginExecution({ ...dependencies, ...beginning, now: clock.now }, payload);
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
      throw new Error(`no function is known of the state ${state}`);
  }
}

/** Which fields there are, and of which type: of a list, those of its first element. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, shapeOf(inner)]));
}

describe('an execution that began before a deployment', () => {
  it('goes on with the functions of this release to its end', async () => {
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
      const answered = shapeOf(await call(run, state, payload));
      expect({ state, answer: answered }).toMatchObject({ state, answer: shapeOf(answer) });
    }
    const record = await readExecution(run.dependencies.executionsTable, run.event.jobExecutionId);
    expect(record).toMatchObject({ status: 'COMPLETED', exitCode: 'COMPLETED' });
  });

  it('is counted by what its batches recorded then', async () => {
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

  it('has its record closed by the functions of this release when it fails', async () => {
    const run = await beginRun({ newTable, bank: await startBank({ repositories: 10 }) });
    const { payload } = await recordedAs<Recorded<FailExecutionEvent>>(run, 'failure.json');
    await failExecution(run.dependencies, payload);
    const record = await readExecution(run.dependencies.executionsTable, run.event.jobExecutionId);
    expect(record).toMatchObject({ status: 'FAILED', exitMessage: 'ListingIncomplete: no complete listing' });
  });
});
