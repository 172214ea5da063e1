import { describe, expect, it } from 'vitest';
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

  it('are read in any number, without those that are not there', async () => {
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

  it('are deleted in any number, whether they are there or not', async () => {
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

  it('tells which of its conditions held, and then writes nothing', async () => {
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

  it('that is malformed fails for good', async () => {
    const executionsTable = await newTable();
    await expect(transact(executionsTable, [put('no-such-table', 'row')])).rejects.toThrow();
  });
});

describe('a transaction on a throttled table', () => {
  const CANCELLED = {
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    CancellationReasons: [{ Code: 'None' }, { Code: 'ThrottlingError' }],
  };

  /** A table that cancels so many transactions before it takes one. */
  function throttledTable(cancelled: number): Promise<Table> {
    let left = cancelled;
    return scriptedTable(() => {
      left -= 1;
      return left >= 0 ? { status: 400, body: CANCELLED } : { status: 200, body: {} };
    });
  }

  it('is tried again until it is taken', async () => {
    const executionsTable = await throttledTable(2);
    expect(
      await transact(executionsTable, [{ Put: { TableName: executionsTable.name, Item: row('A') } }]),
    ).toBeUndefined();
  });
});
