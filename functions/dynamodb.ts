import { setTimeout as delay } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';

/** A table with string keys `pk` and `sk`. */
export interface Table {
  client: DynamoDBDocumentClient;
  name: string;
}

export interface Key {
  pk: string;
  sk: string;
}

export type Row = Key & Record<string, unknown>;

export type TransactionAction = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

// BatchWriteItem takes 25 rows.
const BATCH_WRITE_ROWS = 25;
const FIRST_BACKOFF_MS = 50;
const LAST_BACKOFF_MS = 6_400;

/** Reads one row consistently. */
export async function getRow(table: Table, key: Key): Promise<Row | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }),
  );
  return Item as Row | undefined;
}

/**
 * Writes all or nothing. A conflict with another transaction under way is no answer: it is tried again.
 * @returns whether each action's condition held, in order, when one did not; undefined when all was written.
 */
export async function transact(table: Table, actions: TransactionAction[]): Promise<boolean[] | undefined> {
  for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs *= 2) {
    try {
      await table.client.send(new TransactWriteCommand({ TransactItems: actions }));
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
      if (codes.includes('ConditionalCheckFailed'))
        return codes.map((code) => code !== 'ConditionalCheckFailed');
      if (!codes.includes('TransactionConflict') || backoffMs > LAST_BACKOFF_MS) throw error;
      await delay(backoffMs);
    }
  }
}

/** Writes rows in any order, over what may be there. Rows that a throttled table hands back are sent again. */
export async function putRows(table: Table, rows: readonly Row[]): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH_WRITE_ROWS) {
    await putBatch(table, rows.slice(start, start + BATCH_WRITE_ROWS));
  }
}

async function putBatch(table: Table, rows: readonly Row[]): Promise<void> {
  let requests = rows.map((row) => ({ PutRequest: { Item: row as Record<string, unknown> } }));
  for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs *= 2) {
    const { UnprocessedItems } = await table.client.send(
      new BatchWriteCommand({ RequestItems: { [table.name]: requests } }),
    );
    requests = (UnprocessedItems?.[table.name] ?? []).flatMap(({ PutRequest }) =>
      PutRequest?.Item ? [{ PutRequest: { Item: PutRequest.Item } }] : [],
    );
    if (requests.length === 0) return;
    if (backoffMs > LAST_BACKOFF_MS) throw new Error(`${table.name} left ${requests.length} rows unwritten`);
    await delay(backoffMs);
  }
}

/** All rows of a partition whose sort key begins with `prefix`, in its order, read consistently. */
export async function* queryRows(table: Table, pk: string, prefix: string): AsyncGenerator<Row> {
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
        ConsistentRead: true,
        ExclusiveStartKey,
      }),
    );
    yield* (page.Items ?? []) as Row[];
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}
