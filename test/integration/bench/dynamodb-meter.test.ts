import {
  BatchWriteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { metered } from './support.ts';

const newTable = useDynamoDb();

const row = (sk: string, bytes: number) => ({ pk: 'p', sk, text: 'x'.repeat(bytes) });

async function meteredTable() {
  const { newTable: newMeteredTable, meter } = await metered(newTable);
  return { meter, ...(await newMeteredTable()) };
}

describe('the meter', () => {
  it('counts one unit for each kilobyte written, and two in a transaction', async () => {
    const { client, name, meter } = await meteredTable();
    await client.send(new PutCommand({ TableName: name, Item: row('1', 2_500) }));
    expect(meter.units()).toEqual({ read: 0, write: 3, requests: 1 });

    meter.reset();
    const Item = row('2', 2_500);
    await client.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName: name, Item } }] }));
    expect(meter.units()).toEqual({ read: 0, write: 6, requests: 1 });

    meter.reset();
    const puts = ['3', '4'].map((sk) => ({ PutRequest: { Item: row(sk, 500) } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [name]: puts } }));
    expect(meter.units()).toEqual({ read: 0, write: 2, requests: 1 });
  });

  it('counts one unit for each 4 KB of a consistent read, and half a unit otherwise', async () => {
    const { client, name, meter } = await meteredTable();
    for (const sk of ['1', '2']) {
      await client.send(new PutCommand({ TableName: name, Item: row(sk, 2_500) }));
    }
    meter.reset();
    const read = { TableName: name, Key: { pk: 'p', sk: '1' } };
    expect((await client.send(new GetCommand({ ...read, ConsistentRead: true }))).Item).toEqual(
      row('1', 2_500),
    );
    await client.send(new GetCommand(read));
    expect(meter.units()).toEqual({ read: 1.5, write: 0, requests: 2 });

    meter.reset();
    const query = {
      TableName: name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': 'p' },
      ConsistentRead: true,
    };
    expect((await client.send(new QueryCommand(query))).Items).toHaveLength(2);
    expect(meter.units()).toEqual({ read: 2, write: 0, requests: 1 });
  });

  it('passes errors on unchanged', async () => {
    const { client, name, meter } = await meteredTable();
    const put = new PutCommand({
      TableName: name,
      Item: row('1', 10),
      ConditionExpression: 'attribute_exists(pk)',
    });
    await expect(client.send(put)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect(meter.units()).toEqual({ read: 0, write: 0, requests: 1 });
  });
});
