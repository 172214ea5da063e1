import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Row, Table } from '../../functions/shared/dynamodb.ts';
import { startDynamoDbEngine } from '../../local/cloud/dynamodb-engine.ts';
import { listen } from './http.ts';

/** What a table is made of, its name aside. */
export type TableSchema = Omit<CreateTableCommandInput, 'TableName'>;

/**
 * Runs a real DynamoDB engine for the tests of a file.
 * @returns a function that makes an empty table, so that no test meets the rows of another: one of job executions,
 * unless its caller hands in another schema.
 */
export function useDynamoDb(): (schema?: TableSchema) => Promise<Table> {
  let client: DynamoDBClient;
  let close = async (): Promise<void> => {};
  let tables = 0;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'item-sync-tables-'));
    const engine = await startDynamoDbEngine(folder);
    client = clientOf(engine.url);
    close = async () => {
      client.destroy();
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    };
  });
  afterAll(() => close());

  return async (schema = KEYS_PK_SK) => {
    tables += 1;
    const name = `table-${tables}`;
    await client.send(new CreateTableCommand({ TableName: name, ...schema }));
    // As `createTable` of functions/runtime makes it.
    const marshallOptions = { removeUndefinedValues: true };
    return { name, client: DynamoDBDocumentClient.from(client, { marshallOptions }) };
  };
}

const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

/** A table of a DynamoDB that answers each request as the test says: in states that the engine is never in. */
export async function scriptedTable(answer: () => { status: number; body: object }): Promise<Table> {
  const server = createServer((_, response) => {
    const { status, body } = answer();
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  const client = clientOf(await listen(server));
  onTestFinished(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { name: 'scripted', client: DynamoDBDocumentClient.from(client) };
}

const KEYS_PK_SK = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
} satisfies TableSchema;

/** Every row of a table, ordered by its key, so that two moments can be compared. */
export async function allRows({ client, name }: Table): Promise<Row[]> {
  const rows: Row[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: name, ExclusiveStartKey }));
    rows.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  const keyOf = ({ pk, itemBankId, sk }: Row): string => `${pk ?? itemBankId} ${sk}`;
  return rows.sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
}
