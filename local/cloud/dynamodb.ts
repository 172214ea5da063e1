import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { CloudError } from './errors.ts';
import type { StackResource } from './stack.ts';
import { REGION } from './template.ts';

type TableResource = StackResource<'AWS::DynamoDB::Table'>;

export interface TablesOptions {
  endpoint: string;
  tables: readonly TableResource[];
  /** Named in the error when a table no longer matches the template. */
  stateFolder: string;
}

/**
 * Creates missing tables and missing indexes, and leaves everything else as it is.
 *
 * @throws {CloudError} `TableDiffers` for a table that would have to be recreated
 */
export async function createTables({ endpoint, tables, stateFolder }: TablesOptions): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials });
  try {
    for (const table of tables) {
      const existing = await describeTable(client, table.name);
      if (existing === undefined) await client.send(new CreateTableCommand(definitionOf(table)));
      else await addMissingIndexes(client, { table, existing, stateFolder });
      await setTimeToLive(client, table);
    }
  } finally {
    client.destroy();
  }
}

async function describeTable(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function definitionOf({ name, properties }: TableResource): CreateTableCommandInput {
  const { AttributeDefinitions, BillingMode, GlobalSecondaryIndexes, KeySchema } = properties;
  return {
    TableName: name,
    AttributeDefinitions,
    KeySchema,
    BillingMode,
    ...(GlobalSecondaryIndexes.length > 0 && {
      GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(({ IndexName, KeySchema: keys, Projection }) => ({
        IndexName,
        KeySchema: keys,
        Projection: {
          ProjectionType: Projection.ProjectionType,
          ...(Projection.NonKeyAttributes && { NonKeyAttributes: Projection.NonKeyAttributes }),
        },
      })),
    }),
  };
}

interface ExistingTable {
  table: TableResource;
  existing: TableDescription;
  stateFolder: string;
}

async function addMissingIndexes(
  client: DynamoDBClient,
  { table, existing, stateFolder }: ExistingTable,
): Promise<void> {
  const { GlobalSecondaryIndexes: wanted = [], ...definition } = definitionOf(table);
  const exists = ({ IndexName }: { IndexName: string | undefined }) =>
    existing.GlobalSecondaryIndexes?.some((index) => index.IndexName === IndexName) ?? false;
  const expected = { ...definition, GlobalSecondaryIndexes: wanted.filter(exists) };
  if (!isDeepStrictEqual(shapeOf(existing), shapeOf(expected))) {
    const message = `Table ${table.name}, stored in ${stateFolder}, has different keys or indexes than the template: it must be recreated.`;
    throw new CloudError('TableDiffers', message);
  }
  for (const index of wanted.filter((candidate) => !exists(candidate)))
    await addIndex(client, definition, index);
}

const POLL_MS = 100;

type Index = NonNullable<CreateTableCommandInput['GlobalSecondaryIndexes']>[number];

/** DynamoDB creates one index at a time, and accepts only the attributes of its keys. */
async function addIndex(
  client: DynamoDBClient,
  { TableName, AttributeDefinitions }: CreateTableCommandInput,
  index: Index,
): Promise<void> {
  const isKey = ({ AttributeName }: { AttributeName: string | undefined }) =>
    index.KeySchema?.some((key) => key.AttributeName === AttributeName);
  await client.send(
    new UpdateTableCommand({
      TableName,
      AttributeDefinitions: AttributeDefinitions?.filter(isKey),
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    }),
  );
  const areActive = async () => {
    const table = await describeTable(client, String(TableName));
    return table?.GlobalSecondaryIndexes?.every(({ IndexStatus }) => IndexStatus === 'ACTIVE');
  };
  while (!(await areActive())) await delay(POLL_MS);
}

/** The parts of a table that cannot be changed without recreating it. */
function shapeOf(table: TableDescription | CreateTableCommandInput) {
  const typeOf = (name: string | undefined) =>
    table.AttributeDefinitions?.find(({ AttributeName }) => AttributeName === name)?.AttributeType;
  const keysOf = ({ KeySchema }: Pick<TableDescription, 'KeySchema'>) =>
    KeySchema?.map(({ AttributeName, KeyType }) => [AttributeName, KeyType, typeOf(AttributeName)]);
  const indexes = table.GlobalSecondaryIndexes?.map((index) =>
    JSON.stringify([
      index.IndexName,
      keysOf(index),
      index.Projection?.ProjectionType,
      [...(index.Projection?.NonKeyAttributes ?? [])].sort(),
    ]),
  );
  return { keys: keysOf(table), indexes: indexes?.sort() ?? [] };
}

async function setTimeToLive(client: DynamoDBClient, { name, properties }: TableResource): Promise<void> {
  const wanted = properties.TimeToLiveSpecification;
  if (wanted === undefined) return;
  const { TimeToLiveDescription: current } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: name }),
  );
  const isEnabled = current?.TimeToLiveStatus === 'ENABLED' && current.AttributeName === wanted.AttributeName;
  if (isEnabled === wanted.Enabled) return;
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: wanted }));
}
