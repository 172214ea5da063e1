import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { onTestFinished } from 'vitest';
import { type DynamoDbMeter, startDynamoDbMeter } from '../../../bench/product/dynamodb-meter.ts';
import type { Table } from '../../../functions/shared/dynamodb.ts';
import type { TableSchema } from '../../support/dynamodb.ts';

type NewTable = (schema?: TableSchema) => Promise<Table>;

/** Creates tables behind a meter, which is closed when the test ends. */
export async function metered(newTable: NewTable): Promise<{ newTable: NewTable; meter: DynamoDbMeter }> {
  const { client: direct } = await newTable();
  const endpoint = await direct.config.endpoint?.();
  if (!endpoint) throw new Error('the DynamoDB engine has no endpoint');
  const meter = await startDynamoDbMeter(`http://${endpoint.hostname}:${endpoint.port}`);
  const client = new DynamoDBClient({
    endpoint: meter.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  onTestFinished(async () => {
    client.destroy();
    await meter.close();
  });
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return {
    meter,
    newTable: async (schema) => ({ ...(await newTable(schema)), client: documents }),
  };
}
