import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Row, Table } from '../../../functions/dynamodb.ts';
import { KEYS, RECORDS_VERSION } from '../../../functions/executions/keys.ts';
import { readListing } from '../../../functions/executions/listing.ts';
import { readExecution } from '../../../functions/executions/lock.ts';
import { ITEM_KEYS, type MirrorRow, SCHEMA_VERSION } from '../../../functions/items/mirror-rows.ts';
import { findItems, readItem } from '../../../functions/items/read-mirror.ts';
import { startBank } from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun } from '../../support/run.ts';

/*
 * After a deployment was taken back there are rows that the later release has written.
 */
const newTable = useDynamoDb();

/** A run whose items are in the mirror. */
async function synchronized() {
  const run = await beginRun({ newTable, bank: await startBank({ repositories: 10 }) });
  await run.list();
  await run.batches();
  const { table, items } = run.dependencies;
  const item = (await allRows(items)).find(({ sk }) => sk === 'ITEM') as unknown as MirrorRow;
  return { table, items, id: run.event.jobExecutionId, ...item };
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

describe('a row of a later release is not read as if it were of this one', () => {
  it('of an execution', async () => {
    const { table, id } = await synchronized();
    expect(await readExecution(table, id)).toMatchObject({ schemaVersion: RECORDS_VERSION });
    await setVersion(table, KEYS.execution(id), RECORDS_VERSION + 1);
    await expect(readExecution(table, id)).rejects.toMatchObject(TOO_NEW);
  });

  it('of a listing', async () => {
    const { table, id } = await synchronized();
    expect(await readListing(table, id)).toMatchObject({ schemaVersion: RECORDS_VERSION });
    await setVersion(table, KEYS.listing(id), RECORDS_VERSION + 1);
    await expect(readListing(table, id)).rejects.toMatchObject(TOO_NEW);
  });

  it('of an item, by its id or by its name', async () => {
    const { items, itemBankId, repositoryName } = await synchronized();
    await setVersion(items, ITEM_KEYS.item(itemBankId), SCHEMA_VERSION + 1);
    await expect(readItem(items, itemBankId)).rejects.toMatchObject(TOO_NEW);
    await expect(findItems(items, { repositoryName })).rejects.toMatchObject(TOO_NEW);
  });
});

it('a row that says nothing of a version is of the first, and is read', async () => {
  const { table, items, id, itemBankId } = await synchronized();
  await removeVersion(table, KEYS.execution(id));
  await removeVersion(table, KEYS.listing(id));
  await removeVersion(items, ITEM_KEYS.item(itemBankId));
  expect(await readExecution(table, id)).toMatchObject({ jobExecutionId: id });
  expect(await readListing(table, id)).toMatchObject({ total: 10 });
  expect(await readItem(items, itemBankId)).toMatchObject({ item: { itemBankId } });
});
