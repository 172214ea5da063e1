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
import pRetry from 'p-retry';
import { chunksOf } from './chunks.ts';
import { isSyncError, SyncError } from './errors.ts';

/** A table and the client that reaches it. */
export interface Table {
  client: DynamoDBDocumentClient;
  name: string;
}

/** The key attributes of a row, or of a partition. */
export type Key = Readonly<Record<string, string | number>>;

export type Row = Record<string, unknown>;

export type TransactionAction = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

// Limits of BatchWriteItem and BatchGetItem.
const BATCH_WRITE_ROWS = 25;
const BATCH_GET_ROWS = 100;

/** Reads one row consistently. */
export async function getRow(table: Table, key: Key): Promise<Row | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }),
  );
  return Item;
}

/**
 * Reads rows consistently and returns those that exist, in any order.
 * @param attributes without them, whole rows are read.
 */
export async function getRows(
  table: Table,
  keys: readonly Key[],
  attributes?: readonly string[],
): Promise<Row[]> {
  const projection = attributes && projectionOf(attributes);
  const rows: Row[] = [];
  for (const chunk of chunksOf(keys, { count: BATCH_GET_ROWS })) {
    await sendAll(table, chunk, async (left) => {
      const { Responses, UnprocessedKeys } = await table.client.send(
        new BatchGetCommand({
          RequestItems: { [table.name]: { Keys: left, ConsistentRead: true, ...projection } },
        }),
      );
      rows.push(...(Responses?.[table.name] ?? []));
      return (UnprocessedKeys?.[table.name]?.Keys ?? []) as Key[];
    });
  }
  return rows;
}

/** Names are replaced by placeholders, because some are reserved words. */
function projectionOf(attributes: readonly string[]) {
  const placeholders = attributes.map((_, index) => `#${index}`);
  return {
    ProjectionExpression: placeholders.join(','),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name, index) => [`#${index}`, name])),
  };
}

/** Writes rows in any order, and replaces those that exist. */
export async function putRows(table: Table, rows: readonly Row[]): Promise<void> {
  await writeInBatches(
    table,
    rows.map((row) => ({ PutRequest: { Item: row } })),
  );
}

/** Deletes rows in any order, whether they exist or not. */
export async function deleteRows(table: Table, keys: readonly Key[]): Promise<void> {
  await writeInBatches(
    table,
    keys.map((key) => ({ DeleteRequest: { Key: key } })),
  );
}

type WriteRequest = { PutRequest?: { Item: Row } } | { DeleteRequest?: { Key: Key } };

async function writeInBatches(table: Table, requests: readonly WriteRequest[]): Promise<void> {
  for (const chunk of chunksOf(requests, { count: BATCH_WRITE_ROWS })) {
    await sendAll(table, chunk, async (left) => {
      const { UnprocessedItems } = await table.client.send(
        new BatchWriteCommand({ RequestItems: { [table.name]: left } }),
      );
      return (UnprocessedItems?.[table.name] ?? []) as WriteRequest[];
    });
  }
}

/** Sends requests, and again those that a throttled table returns as unprocessed. */
async function sendAll<Request>(
  { name }: Table,
  requests: readonly Request[],
  send: (left: Request[]) => Promise<Request[]>,
): Promise<void> {
  let left = [...requests];
  await retryWhileUnavailable(async () => {
    left = await send(left);
    if (left.length === 0) return;
    throw new SyncError('AwsUnavailable', `the table ${name} did not process ${left.length} requests`);
  });
}

// Reasons to cancel a transaction that pass by themselves. The SDK does not retry them.
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/**
 * Writes all actions or none, and retries after a conflict with another transaction and on a throttled table.
 * @returns undefined if everything was written; otherwise whether each action's condition held, in their order.
 * @throws SyncError `AwsUnavailable` if the retries did not help.
 */
export function transact(table: Table, actions: TransactionAction[]): Promise<boolean[] | undefined> {
  return retryWhileUnavailable(async () => {
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
      throw new SyncError('AwsUnavailable', `the table ${table.name} kept answering ${passing}`, {
        cause: error,
      });
    }
  });
}

// From 50 ms, doubling, to 6.4 s: 13 to 19 s in total. Jitter keeps writers that collided from colliding again.
const BACKOFF = { retries: 8, minTimeout: 50, factor: 2, maxTimeout: 6_400, randomize: true };

function retryWhileUnavailable<Result>(attempt: () => Promise<Result>): Promise<Result> {
  return pRetry(attempt, { ...BACKOFF, shouldRetry: ({ error }) => isSyncError(error, 'AwsUnavailable') });
}

export interface RowRange {
  /** The partition key's attribute and value. */
  partition: Key;
  /** The beginning of the sort keys, which are in the attribute `sk`. */
  prefix: string;
  /** The attributes to read; whole rows by default. */
  attributes?: readonly string[] | undefined;
}

/** A range that is read page by page, or only in part. */
export interface PagedRange extends RowRange {
  /** From the last row of the range to the first. */
  isBackwards?: true;
  filter?: RowFilter | undefined;
  /** The key after which the range begins. A row with this key need not exist. */
  after?: Key | undefined;
  /** How many rows a request reads; 1 MB of rows by default. */
  pageRows?: number | undefined;
}

/** Reads, consistently, the rows of a partition whose sort key begins with `prefix`, in the order of that key. */
export async function* queryRows(table: Table, range: RowRange): AsyncGenerator<Row> {
  for await (const { rows } of queryPages(table, range)) yield* rows;
}

export interface RowPage {
  rows: Row[];
  /** The key of the last row that was read; undefined at the end of the range. */
  last: Key | undefined;
}

/** The same, with one page for each request. A page may have no rows although others follow. */
export async function* queryPages(table: Table, range: PagedRange): AsyncGenerator<RowPage> {
  const { prefix, attributes, filter, isBackwards, pageRows } = range;
  const [[attribute, value] = ['', '']] = Object.entries(range.partition);
  const projection = attributes && projectionOf(attributes);
  const query = {
    TableName: table.name,
    KeyConditionExpression: '#partition = :partition AND begins_with(sk, :prefix)',
    ...filter,
    ...projection,
    ExpressionAttributeNames: {
      '#partition': attribute,
      ...projection?.ExpressionAttributeNames,
      ...filter?.ExpressionAttributeNames,
    },
    ExpressionAttributeValues: {
      ':partition': value,
      ':prefix': prefix,
      ...filter?.ExpressionAttributeValues,
    },
    ConsistentRead: true,
    ScanIndexForward: !isBackwards,
    Limit: pageRows,
  };
  let last = range.after;
  do {
    const page = await table.client.send(new QueryCommand({ ...query, ExclusiveStartKey: last }));
    last = page.LastEvaluatedKey as Key | undefined;
    yield { rows: page.Items ?? [], last };
  } while (last);
}

/** Met if one of the attributes has the value. `failure.reason` is an attribute within a map. */
export interface Condition {
  attributes: readonly string[];
  value: string;
}

type RowFilter = ReturnType<typeof filterBy>;

/**
 * A filter for rows that meet all conditions. DynamoDB also reads the other rows, but does not return them.
 * @param conditions at least one.
 */
export function filterBy(conditions: readonly Condition[]) {
  const names = [...new Set(conditions.flatMap(({ attributes }) => attributes.flatMap(partsOf)))];
  const pathOf = (attribute: string): string =>
    partsOf(attribute)
      .map((part) => `#filter${names.indexOf(part)}`)
      .join('.');
  const alternatives = conditions.map(({ attributes }, index) =>
    attributes.map((attribute) => `${pathOf(attribute)} = :filter${index}`).join(' OR '),
  );
  return {
    FilterExpression: alternatives.map((either) => `(${either})`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#filter${index}`, name])),
    ExpressionAttributeValues: Object.fromEntries(
      conditions.map(({ value }, index) => [`:filter${index}`, value]),
    ),
  };
}

const partsOf = (attribute: string): string[] => attribute.split('.');
