import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startDynamoDbEngine } from '../../../../local/cloud/dynamodb-engine.ts';
import { temporaryFolder } from '../../../support/cloud/assembly.ts';
import { AWS, clouds } from '../../../support/cloud/clouds.ts';
import { database, fixture, table } from './cloud-support.ts';

const start = clouds();

describe('the database engine', () => {
  it('is the one at AWS_ENDPOINT_URL_DYNAMODB when that is set', async () => {
    const engine = await startDynamoDbEngine(await temporaryFolder());
    onTestFinished(engine.close);
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', engine.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const cloud = await start(fixture({ Table: table('elsewhere') }));
    const direct = new DynamoDBClient({ ...AWS, endpoint: engine.url });
    expect((await direct.send(new ListTablesCommand())).TableNames).toEqual(['elsewhere']);
    expect((await database(cloud).send(new ListTablesCommand())).TableNames).toEqual(['elsewhere']);
    await cloud.close();
  });

  it('ends when it is closed', async () => {
    const engine = await startDynamoDbEngine(await temporaryFolder());
    await engine.close();
    await expect(fetch(engine.url)).rejects.toThrow();
  });

  it('reports its errors unchanged through the AWS endpoint', async () => {
    const client = database(await start(fixture({ Table: table('here') })));
    const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' as const }];
    const AttributeDefinitions = [{ AttributeName: 'pk', AttributeType: 'S' as const }];
    const create = new CreateTableCommand({
      TableName: 'here',
      KeySchema,
      AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
    });
    await expect(client.send(create)).rejects.toMatchObject({ name: 'ResourceInUseException' });
  });
});
