import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { KEYS } from '../executions/keys.ts';
import { getRow, type Table } from '../shared/dynamodb.ts';

/** Writes to GitHub that followed one another, with no hour between two of them. */
export interface WebhookWrites {
  writes: number;
  /** ISO 8601. */
  lastAt: string;
}

export interface WritesDependencies {
  executionsTable: Table;
  now: () => Date;
}

export async function readWrites(executionsTable: Table): Promise<WebhookWrites | undefined> {
  return (await getRow(executionsTable, KEYS.webhookWrites())) as WebhookWrites | undefined;
}

/**
 * Counts a write that is about to be sent: one that is counted and not sent costs a moment, the other way round it
 * would be forgotten by an invocation that dies in between.
 * @param continues whether it follows those that are counted; else it is the first of others.
 */
export async function countWrite(
  { executionsTable, now }: WritesDependencies,
  { continues }: { continues: boolean },
): Promise<WebhookWrites> {
  const update = continues ? 'ADD writes :one SET lastAt = :now' : 'SET writes = :one, lastAt = :now';
  const { Attributes } = await executionsTable.client.send(
    new UpdateCommand({
      TableName: executionsTable.name,
      Key: KEYS.webhookWrites(),
      UpdateExpression: update,
      ExpressionAttributeValues: { ':one': 1, ':now': now().toISOString() },
      ReturnValues: 'ALL_NEW',
    }),
  );
  return Attributes as WebhookWrites;
}
