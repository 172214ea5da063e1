import { isDeepStrictEqual } from 'node:util';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { CloudError } from './errors.ts';
import type { StackResource } from './stack.ts';
import { REGION } from './template.ts';

type TableResource = StackResource<'AWS::DynamoDB::Table'>;

export interface TablesOptions {
  engineUrl: string;
  tables: readonly TableResource[];
  /** Named when a table of it does not fit the template any more. */
  stateFolder: string;
}

/** Makes the tables that are missing, and keeps those that are as the template has them. */
export async function createTables({ engineUrl, tables, stateFolder }: TablesOptions): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: engineUrl, region: REGION, credentials });
  try {
    for (const table of tables) {
      const existing = await describeTable(client, table.name);
      if (existing === undefined) await client.send(new CreateTableCommand(definitionOf(table)));
      else checkUnchanged(existing, table, stateFolder);
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

function checkUnchanged(existing: TableDescription, table: TableResource, stateFolder: string): void {
  if (isDeepStrictEqual(shapeOf(existing), shapeOf(definitionOf(table)))) return;
  throw new CloudError(
    'TableDiffers',
    `Table ${table.name} has other keys or indexes than the template: delete the state folder ${stateFolder} to start afresh.`,
  );
}

/** What cannot be changed without making the table anew. */
function shapeOf({
  KeySchema,
  AttributeDefinitions,
  GlobalSecondaryIndexes,
}: TableDescription | CreateTableCommandInput) {
  const sorted = (lines: string[] = []) => lines.sort();
  return {
    keys: KeySchema?.map(({ AttributeName, KeyType }) => [AttributeName, KeyType]),
    attributes: sorted(
      AttributeDefinitions?.map(({ AttributeName, AttributeType }) => `${AttributeName} ${AttributeType}`),
    ),
    indexes: sorted(
      GlobalSecondaryIndexes?.map(({ IndexName, KeySchema: keys, Projection }) =>
        JSON.stringify([
          IndexName,
          keys?.map(({ AttributeName, KeyType }) => [AttributeName, KeyType]),
          Projection?.ProjectionType,
          sorted([...(Projection?.NonKeyAttributes ?? [])]),
        ]),
      ),
    ),
  };
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
