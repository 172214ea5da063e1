import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { getRow, type Table } from '../dynamodb.ts';
import { KEYS } from './keys.ts';

/** Writes to GitHub that followed one another, with no hour between two of them. */
export interface WebhookWrites {
  writes: number;
  /** ISO 8601. */
  lastAt: string;
}

export interface WritesDependencies {
  table: Table;
  now: () => Date;
}

export async function readWrites(table: Table): Promise<WebhookWrites | undefined> {
  return (await getRow(table, KEYS.webhookWrites())) as WebhookWrites | undefined;
}

/**
 * Counts a write that is about to be sent: one that is counted and not sent costs a moment, the other way round it
 * would be forgotten by an invocation that dies in between.
 * @param continues whether it follows those that are counted; else it is the first of others.
 */
export async function countWrite(
  { table, now }: WritesDependencies,
  { continues }: { continues: boolean },
): Promise<WebhookWrites> {
  const update = continues ? 'ADD writes :one SET lastAt = :now' : 'SET writes = :one, lastAt = :now';
  const { Attributes } = await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: KEYS.webhookWrites(),
      UpdateExpression: update,
      ExpressionAttributeValues: { ':one': 1, ':now': now().toISOString() },
      ReturnValues: 'ALL_NEW',
    }),
  );
  return Attributes as WebhookWrites;
}
