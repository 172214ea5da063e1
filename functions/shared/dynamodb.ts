import { setTimeout as delay } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { packsOf } from './chunks.ts';
import { SyncError } from './errors.ts';

/** A table and the client that reaches it. */
export interface Table {
  client: DynamoDBDocumentClient;
  name: string;
}

/** The key attributes of a row, or of a partition. */
export type Key = Readonly<Record<string, string | number>>;

export type Row = Record<string, unknown>;

export type TransactionAction = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

// What BatchWriteItem and BatchGetItem take.
const BATCH_WRITE_ROWS = 25;
const BATCH_GET_ROWS = 100;
const FIRST_BACKOFF_MS = 50;
const LAST_BACKOFF_MS = 6_400;

/** Reads one row consistently. */
export async function getRow(table: Table, key: Key): Promise<Row | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }),
  );
  return Item;
}

/** Reads rows consistently, in any order; those that are not there are left out. */
export async function getRows(table: Table, keys: readonly Key[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const chunk of packsOf(keys, { count: BATCH_GET_ROWS })) {
    await untilProcessed(table, chunk, async (left) => {
      const { Responses, UnprocessedKeys } = await table.client.send(
        new BatchGetCommand({ RequestItems: { [table.name]: { Keys: left, ConsistentRead: true } } }),
      );
      rows.push(...(Responses?.[table.name] ?? []));
      return (UnprocessedKeys?.[table.name]?.Keys ?? []) as Key[];
    });
  }
  return rows;
}

// Reasons for which a transaction was cancelled that pass: the SDK does not try it again for them.
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/**
 * Writes all or nothing. A conflict with another transaction under way is no answer, nor is a throttled table: it is
 * tried again.
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
      const passing = codes.find((code) => code !== undefined && PASSING.has(code));
      if (passing === undefined) throw error;
      if (backoffMs > LAST_BACKOFF_MS) throw unavailable(table, `it kept answering ${passing}`, error);
      await delay(backoffMs);
    }
  }
}

/** Writes rows in any order, over what may be there. */
export async function putRows(table: Table, rows: readonly Row[]): Promise<void> {
  await writeInBatches(
    table,
    rows.map((row) => ({ PutRequest: { Item: row } })),
  );
}

/** Deletes rows in any order; those that are not there do not matter. */
export async function deleteRows(table: Table, keys: readonly Key[]): Promise<void> {
  await writeInBatches(
    table,
    keys.map((key) => ({ DeleteRequest: { Key: key } })),
  );
}

type WriteRequest = { PutRequest?: { Item: Row } } | { DeleteRequest?: { Key: Key } };

async function writeInBatches(table: Table, requests: readonly WriteRequest[]): Promise<void> {
  for (const chunk of packsOf(requests, { count: BATCH_WRITE_ROWS })) {
    await untilProcessed(table, chunk, async (left) => {
      const { UnprocessedItems } = await table.client.send(
        new BatchWriteCommand({ RequestItems: { [table.name]: left } }),
      );
      return (UnprocessedItems?.[table.name] ?? []) as WriteRequest[];
    });
  }
}

/** A throttled table hands back what it did not do: that is sent again, after a pause that grows. */
async function untilProcessed<T>(
  table: Table,
  requests: readonly T[],
  send: (left: T[]) => Promise<T[]>,
): Promise<void> {
  let left = await send([...requests]);
  for (let backoffMs = FIRST_BACKOFF_MS; left.length > 0; backoffMs *= 2) {
    if (backoffMs > LAST_BACKOFF_MS) throw unavailable(table, `it left ${left.length} requests undone`);
    await delay(backoffMs);
    left = await send(left);
  }
}

function unavailable({ name }: Table, why: string, cause?: unknown): SyncError {
  return new SyncError('AwsUnavailable', `the table ${name}: ${why}`, { cause });
}

export interface RowRange {
  /** The partition key's attribute and value. */
  partition: Key;
  /** What the sort keys, in the attribute `sk`, begin with. */
  prefix: string;
}

/** The rows of a partition whose sort key begins with `prefix`, in its order, read consistently. */
export async function* queryRows(table: Table, { partition, prefix }: RowRange): AsyncGenerator<Row> {
  const [[attribute, value] = ['', '']] = Object.entries(partition);
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: '#partition = :partition AND begins_with(sk, :prefix)',
        ExpressionAttributeNames: { '#partition': attribute },
        ExpressionAttributeValues: { ':partition': value, ':prefix': prefix },
        ConsistentRead: true,
        ExclusiveStartKey,
      }),
    );
    yield* page.Items ?? [];
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}
