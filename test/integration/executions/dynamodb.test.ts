import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  deleteRows,
  getRow,
  getRows,
  putRows,
  queryRows,
  type Row,
  type Table,
  transact,
} from '../../../functions/shared/dynamodb.ts';
import { allRows, scriptedTable, useDynamoDb } from '../../support/dynamodb.ts';

const newTable = useDynamoDb();
const A = { partition: { pk: 'P' }, prefix: 'A#' };
const row = (sk: string, value = ''): Row => ({ pk: 'P', sk, value });

async function sortKeys(rows: AsyncIterable<Row>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { sk } of rows) keys.push(String(sk));
  return keys;
}

describe('rows', () => {
  it('are written in any number', async () => {
    const executionsTable = await newTable();
    const keys = Array.from({ length: 51 }, (_, index) => `A#${String(index).padStart(2, '0')}`);
    await putRows(
      executionsTable,
      keys.map((key) => row(key)),
    );
    expect(await sortKeys(queryRows(executionsTable, A))).toEqual(keys);
  });

  it('are all read when they fill several pages', async () => {
    const executionsTable = await newTable();
    // DynamoDB ends a page at 1 MB.
    const keys = Array.from({ length: 8 }, (_, index) => `A#${index}`);
    await putRows(
      executionsTable,
      keys.map((key) => row(key, 'x'.repeat(300_000))),
    );
    expect(await sortKeys(queryRows(executionsTable, A))).toEqual(keys);
  });

  it('of another prefix or partition are not read', async () => {
    const executionsTable = await newTable();
    await putRows(executionsTable, [row('A#1'), row('B#1'), { pk: 'Q', sk: 'A#2' }]);
    expect(await sortKeys(queryRows(executionsTable, A))).toEqual(['A#1']);
  });
});

describe('rows by their keys', () => {
  const keys = Array.from({ length: 201 }, (_, index) => ({ pk: 'P', sk: `A#${index}` }));

  it('are read in any number, without those that do not exist', async () => {
    const executionsTable = await newTable();
    await putRows(
      executionsTable,
      keys.slice(0, 150).map(({ sk }) => row(sk)),
    );
    const rows = await getRows(executionsTable, keys);
    expect(rows.map(({ sk }) => sk).sort()).toEqual(
      keys
        .slice(0, 150)
        .map(({ sk }) => sk)
        .sort(),
    );
    expect(await getRows(executionsTable, [])).toEqual([]);
  });

  it('are deleted in any number, whether they exist or not', async () => {
    const executionsTable = await newTable();
    await putRows(executionsTable, [...keys.slice(0, 150).map(({ sk }) => row(sk)), row('B#1')]);
    await deleteRows(executionsTable, keys);
    expect(await allRows(executionsTable)).toEqual([row('B#1')]);
  });
});

describe('a transaction', () => {
  const put = (TableName: string, sk: string, ConditionExpression?: string) => ({
    Put: { TableName, Item: row(sk), ConditionExpression },
  });

  it('returns which conditions held if one did not, and writes nothing', async () => {
    const executionsTable = await newTable();
    await putRows(executionsTable, [row('there')]);
    const broken = await transact(executionsTable, [
      put(executionsTable.name, 'first'),
      put(executionsTable.name, 'there', 'attribute_not_exists(pk)'),
      put(executionsTable.name, 'last', 'attribute_not_exists(pk)'),
    ]);
    expect(broken).toEqual([true, false, true]);
    expect(await getRow(executionsTable, { pk: 'P', sk: 'first' })).toBeUndefined();
  });

  it('fails if it is malformed', async () => {
    const executionsTable = await newTable();
    await expect(transact(executionsTable, [put('no-such-table', 'row')])).rejects.toThrow();
  });
});

describe('a throttled table', () => {
  const CANCELLED = {
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    CancellationReasons: [{ Code: 'None' }, { Code: 'ThrottlingError' }],
  };
  const UNPROCESSED = { UnprocessedItems: { scripted: [{ PutRequest: { Item: { pk: { S: 'P' } } } }] } };

  /** A table that gives the same answer to so many requests before it accepts one. */
  async function throttledTable(times: number, answer: { status: number; body: object }) {
    let requests = 0;
    const table = await scriptedTable(() => {
      requests += 1;
      return requests <= times ? answer : { status: 200, body: {} };
    });
    return { table, requests: () => requests };
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Waits for `work`, whose pauses pass at once. */
  async function settle(work: Promise<unknown>) {
    const startedAt = Date.now();
    let isSettled = false;
    const settled = work.then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    void settled.finally(() => {
      isSettled = true;
    });
    while (!isSettled) {
      await new Promise(setImmediate);
      vi.advanceTimersToNextTimer();
    }
    return { ...(await settled), seconds: (Date.now() - startedAt) / 1_000 };
  }

  const transactOn = (table: Table) => transact(table, [{ Put: { TableName: table.name, Item: row('A') } }]);

  it.each([
    ['a transaction', { status: 400, body: CANCELLED }, transactOn],
    ['rows', { status: 200, body: UNPROCESSED }, (table: Table) => putRows(table, [row('A')])],
  ])('accepts %s after up to eight retries', async (_, answer, write) => {
    const { table, requests } = await throttledTable(8, answer);
    expect(await settle(write(table))).toMatchObject({ result: undefined });
    expect(requests()).toBe(9);
  });

  it.each([
    ['a transaction', { status: 400, body: CANCELLED }, transactOn, 'kept answering ThrottlingError'],
    [
      'rows',
      { status: 200, body: UNPROCESSED },
      (table: Table) => putRows(table, [row('A')]),
      'did not process 1 requests',
    ],
  ])('is unavailable if it does not accept %s within 13 to 20 seconds', async (_, answer, write, message) => {
    const { table, requests } = await throttledTable(Number.POSITIVE_INFINITY, answer);
    const { seconds, ...outcome } = await settle(write(table));
    expect(outcome).toMatchObject({
      error: { name: 'AwsUnavailable', retry: 'later', message: `the table scripted ${message}` },
    });
    expect(requests()).toBe(9);
    expect(seconds).toBeGreaterThan(12.7);
    expect(seconds).toBeLessThan(20);
  });

  it('fails at once for any other error', async () => {
    const { table, requests } = await throttledTable(1, {
      status: 400,
      body: { ...CANCELLED, CancellationReasons: [{ Code: 'ValidationError' }] },
    });
    expect(await settle(transactOn(table))).toMatchObject({
      error: { name: 'TransactionCanceledException' },
    });
    expect(requests()).toBe(1);
  });
});
