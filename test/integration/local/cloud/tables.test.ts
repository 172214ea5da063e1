import { randomUUID } from 'node:crypto';
import { DescribeTableCommand, DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../local/cloud/cloud.ts';
import { type Fixture, httpApi, temporaryFolder } from '../../../support/cloud/assembly.ts';
import { AWS, clouds } from '../../../support/cloud/clouds.ts';

const start = clouds();

const attribute = (AttributeName: string, AttributeType: 'S' | 'N') => ({ AttributeName, AttributeType });
const key = (AttributeName: string, KeyType: 'HASH' | 'RANGE' = 'HASH') => ({ AttributeName, KeyType });
const index = (name: string, ProjectionType = 'KEYS_ONLY') => ({
  IndexName: `by-${name}`,
  KeySchema: [key(name)],
  Projection: { ProjectionType },
});

/** Differs for each test, because the engine may be one that keeps its tables. */
let numbered: string;
beforeEach(() => {
  numbered = `numbered-${randomUUID()}`;
});

/** A table with a number and a text as keys, and the given indexes. */
const table = (GlobalSecondaryIndexes: ReturnType<typeof index>[], idType: 'S' | 'N' = 'N'): Fixture => ({
  resources: {
    ...httpApi(),
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: numbered,
        AttributeDefinitions: [
          attribute('id', idType),
          attribute('sk', 'S'),
          ...GlobalSecondaryIndexes.map(({ IndexName }) => attribute(IndexName.slice(3), 'S')),
        ],
        KeySchema: [key('id'), key('sk', 'RANGE')],
        BillingMode: 'PAY_PER_REQUEST',
        ...(GlobalSecondaryIndexes.length > 0 && { GlobalSecondaryIndexes }),
      },
    },
  },
});

const database = (cloud: Cloud) => new DynamoDBClient({ ...AWS, endpoint: cloud.awsEndpoint });

// Beyond 2^53, so that conversion to a JavaScript number would change it.
const ID = '9007199254740993';
const ITEM = { id: { N: ID }, sk: { S: 'ITEM' }, name: { S: 'a' }, size: { N: '7' } };

async function lookUp(cloud: Cloud, attributeName: string, value: string) {
  const query = new QueryCommand({
    TableName: numbered,
    IndexName: `by-${attributeName}`,
    KeyConditionExpression: '#name = :value',
    ExpressionAttributeNames: { '#name': attributeName },
    ExpressionAttributeValues: { ':value': { S: value } },
  });
  return (await database(cloud).send(query)).Items;
}

describe('a table', () => {
  it('supports number keys and indexes of keys only', async () => {
    const cloud = await start(table([index('name')]));
    await database(cloud).send(new PutItemCommand({ TableName: numbered, Item: ITEM }));
    expect(await lookUp(cloud, 'name', 'a')).toEqual([
      { id: { N: ID }, sk: { S: 'ITEM' }, name: { S: 'a' } },
    ]);
  });

  it('gets new indexes of a changed template, filled with existing rows', async () => {
    const stateFolder = await temporaryFolder();
    const before = await start(table([]), { stateFolder });
    await database(before).send(new PutItemCommand({ TableName: numbered, Item: ITEM }));
    await before.close();

    const after = await start(table([index('name'), index('kind')]), { stateFolder });
    expect(await lookUp(after, 'name', 'a')).toHaveLength(1);
    expect(await lookUp(after, 'kind', 'a')).toEqual([]);
    await after.close();

    const again = await start(table([index('name'), index('kind')]), { stateFolder });
    const { Table } = await database(again).send(new DescribeTableCommand({ TableName: numbered }));
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort()).toEqual([
      'by-kind',
      'by-name',
    ]);
  });

  it.each([
    ['a key of a different type', () => table([index('name')], 'S')],
    ['one index less', () => table([])],
    ['an index with more attributes', () => table([index('name', 'ALL')])],
  ])('is refused when the template has %s', async (_, changed) => {
    const stateFolder = await temporaryFolder();
    const before = await start(table([index('name')]), { stateFolder });
    await before.close();
    await expect(start(changed(), { stateFolder })).rejects.toMatchObject({
      code: 'TableDiffers',
      message: `Table ${numbered}, stored in ${stateFolder}, has different keys or indexes than the template: it must be recreated.`,
    });
  });
});
