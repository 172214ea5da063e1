import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import type { Row, Table } from '../../functions/shared/dynamodb.ts';
import { startDynamoDbEngine } from '../../local/cloud/dynamodb-engine.ts';

/** A table's definition without its name. */
export type TableSchema = Omit<CreateTableCommandInput, 'TableName'>;

const ANYWHERE = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

const ANY_SIGNATURE = {
  authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=0',
  'x-amz-date': '20261123T090000Z',
};

/** The engine does not check signatures, and calculating them takes a quarter of the time of a request. */
export const WITHOUT_SIGNING: NonNullable<DynamoDBClientConfig['httpAuthSchemes']> = [
  {
    schemeId: 'aws.auth#sigv4',
    identityProvider: (config) => config.getIdentityProvider('aws.auth#sigv4'),
    signer: {
      sign: async (request) => ({ ...request, headers: { ...request.headers, ...ANY_SIGNATURE } }),
    },
  },
];

/**
 * Runs a real DynamoDB engine for the tests of a file, or uses the one at `AWS_ENDPOINT_URL_DYNAMODB`, which may be shared
 * and may keep its tables.
 * @returns a function that creates an empty table, so that tests do not share rows. By default, it has the keys of the
 * JobExecutions table.
 */
export function useDynamoDb(): NewTable {
  let engine: Awaited<ReturnType<typeof startTables>>;
  beforeAll(async () => {
    engine = await startTables();
  });
  afterAll(() => engine.close());
  return (schema) => engine.newTable(schema);
}

export type NewTable = (schema?: TableSchema) => Promise<Table>;

/** The same for a process that runs no tests. `close` deletes the tables. */
export async function startTables() {
  const external = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  const engine = await startDynamoDbEngine(undefined, external);
  const client = new DynamoDBClient({ endpoint: engine.url, ...ANYWHERE, httpAuthSchemes: WITHOUT_SIGNING });
  const tables: string[] = [];
  const deleteTables = async () => {
    for (const TableName of tables.splice(0)) await client.send(new DeleteTableCommand({ TableName }));
  };
  const newTable: NewTable = async (schema = KEYS_PK_SK) => {
    const name = `table-${randomUUID()}`;
    await client.send(new CreateTableCommand({ TableName: name, ...schema }));
    tables.push(name);
    return { name, client: documentClient(client) };
  };
  const close = async () => {
    // An engine of our own ends with its tables.
    if (external !== undefined) await deleteTables();
    client.destroy();
    await engine.close();
  };
  return { url: engine.url, newTable, deleteTables, close };
}

/** The same options as in `createTable` of functions/shared/clients.ts. */
export const documentClient = (client: DynamoDBClient): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

/** A table whose DynamoDB gives scripted answers, for states that the engine never reaches. */
export async function scriptedTable(answer: () => { status: number; body: object }): Promise<Table> {
  const client = new DynamoDBClient({
    ...ANYWHERE,
    requestHandler: {
      handle: async () => {
        const { status, body } = answer();
        const headers = { 'content-type': 'application/x-amz-json-1.0' };
        return { response: { statusCode: status, headers, body: Buffer.from(JSON.stringify(body)) } };
      },
      updateHttpClientConfig: () => {},
      httpHandlerConfigs: () => ({}),
    },
  });
  return { name: 'scripted', client: DynamoDBDocumentClient.from(client) };
}

/** Counts the requests to a table from now on, by the names of their commands. */
export function countRequests({ client }: Table): Record<string, number> {
  const counts: Record<string, number> = {};
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        counts[commandName] = (counts[commandName] ?? 0) + 1;
        return next(args);
      },
    { step: 'initialize' },
  );
  return counts;
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

/** Every row of a table, ordered by key, so that two states of the table can be compared. */
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
