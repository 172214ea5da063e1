import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { KEYS, RECORDS_VERSION } from '../../../functions/executions/keys.ts';
import { readListing } from '../../../functions/executions/listing.ts';
import { ITEM_KEYS, type MirrorRow, SCHEMA_VERSION } from '../../../functions/mirror/mirror-rows.ts';
import { findItems, readItem } from '../../../functions/mirror/read-mirror.ts';
import { putRows, type Row, type Table } from '../../../functions/shared/dynamodb.ts';
import { startBank } from '../../support/bank.ts';
import { createClock } from '../../support/clock.ts';
import { collect } from '../../support/collect.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { createLog } from '../../support/log.ts';
import { recordOf } from '../../support/records.ts';
import { beginRun } from '../../support/run.ts';
import { useStepFunctions } from '../../support/step-functions.ts';
import { type Control, openControl } from './control-support.ts';
import { type ExecutionsApi, openExecutionsApi } from './executions-support.ts';

// After a rollback, the tables still contain rows that the later release wrote.
const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

/** Begins a run and mirrors its items. */
async function mirrorItems() {
  const run = await beginRun({ newTable, bank: await startBank({ repositories: 10 }) });
  await run.list();
  await run.batches();
  const { executionsTable, itemsTable } = run.dependencies;
  const item = (await allRows(itemsTable)).find(({ sk }) => sk === 'ITEM') as unknown as MirrorRow;
  return { executionsTable, itemsTable, id: run.event.jobExecutionId, ...item };
}

async function setVersion(table: Table, Key: Row, version: number): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key,
      UpdateExpression: 'SET schemaVersion = :version',
      ExpressionAttributeValues: { ':version': version },
    }),
  );
}

async function removeVersion(table: Table, Key: Row): Promise<void> {
  await table.client.send(
    new UpdateCommand({ TableName: table.name, Key, UpdateExpression: 'REMOVE schemaVersion' }),
  );
}

const TOO_NEW = { name: 'RowTooNew', retry: 'never' };

describe('a row of a later release is rejected', () => {
  it('when it is an execution', async () => {
    const { executionsTable, id } = await mirrorItems();
    expect(await readExecution(executionsTable, id)).toMatchObject({ schemaVersion: RECORDS_VERSION });
    await setVersion(executionsTable, KEYS.execution(id), RECORDS_VERSION + 1);
    await expect(readExecution(executionsTable, id)).rejects.toMatchObject(TOO_NEW);
  });

  it('when it is a listing', async () => {
    const { executionsTable, id } = await mirrorItems();
    expect(await readListing(executionsTable, id)).toMatchObject({ schemaVersion: RECORDS_VERSION });
    await setVersion(executionsTable, KEYS.listing(id), RECORDS_VERSION + 1);
    await expect(readListing(executionsTable, id)).rejects.toMatchObject(TOO_NEW);
  });

  it('when it is an item, read by id or by name', async () => {
    const { itemsTable, itemBankId, repositoryName } = await mirrorItems();
    await setVersion(itemsTable, ITEM_KEYS.item(itemBankId), SCHEMA_VERSION + 1);
    await expect(readItem(itemsTable, itemBankId)).rejects.toMatchObject(TOO_NEW);
    await expect(collect(findItems(itemsTable, { repositoryName }))).rejects.toMatchObject(TOO_NEW);
  });
});

describe('the API answers 409 about a run of a later release', () => {
  it.each<[route: string, ask: (apis: { reads: ExecutionsApi; control: Control }) => Promise<object>]>([
    ['GET /executions/1', ({ reads }) => reads.get(1)],
    ['GET /executions/1/items', ({ reads }) => reads.items(1)],
    ['POST /executions/1/stop', ({ control }) => control.stop(1)],
    ['POST /executions/1/restart', ({ control }) => control.restart(1)],
    ['PUT /executions/1/abandon', ({ control }) => control.abandon(1)],
  ])('%s', async (_, ask) => {
    const executionsTable = await newTable();
    await putRows(executionsTable, [{ ...recordOf(1), schemaVersion: 99 }]);
    const run = { dependencies: { executionsTable, publish: async () => {} }, clock: createClock() };
    const control = openControl({ ...run, log: createLog() }, stepFunctions);
    expect(await ask({ reads: openExecutionsApi(executionsTable, stepFunctions), control })).toMatchObject({
      status: 409,
      body: {
        code: 'ROW_TOO_NEW',
        detail: `a row has version 99, but this release reads up to ${RECORDS_VERSION}`,
      },
    });
  });
});

it('a row without a version is read as one of the first release', async () => {
  const { executionsTable, itemsTable, id, itemBankId } = await mirrorItems();
  await removeVersion(executionsTable, KEYS.execution(id));
  await removeVersion(executionsTable, KEYS.listing(id));
  await removeVersion(itemsTable, ITEM_KEYS.item(itemBankId));
  expect(await readExecution(executionsTable, id)).toMatchObject({ jobExecutionId: id });
  expect(await readListing(executionsTable, id)).toMatchObject({ total: 10 });
  expect(await readItem(itemsTable, itemBankId)).toMatchObject({ item: { itemBankId } });
});
