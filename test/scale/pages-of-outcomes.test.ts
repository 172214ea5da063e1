import { beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionItem } from '../../functions/shared/contract/executions.ts';
import type { Table } from '../../functions/shared/dynamodb.ts';
import {
  type ExecutionsApi,
  openExecutionsApi,
  putRunWith,
  rowOf,
} from '../integration/handlers/executions-support.ts';
import { countRequests, useDynamoDb } from '../support/dynamodb.ts';
import { isFull } from '../support/extent.ts';
import { ITEMS_TABLE } from '../support/items-table.ts';
import { useStepFunctions } from '../support/step-functions.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

/** More than one query reads, which ends at 1 MB. */
const OUTCOMES = isFull() ? 10_000 : 2_000;

describe(`the pages of a run with ${OUTCOMES} outcomes`, () => {
  /** Ids of four to five digits, so that their order is not that of their numbers. Every tenth failed. */
  const rows = Array.from({ length: OUTCOMES }, (_, index) =>
    rowOf(
      10_000 - OUTCOMES / 2 + index,
      index % 10 === 0 ? { outcome: 'failed', message: 'x'.repeat(5_000) } : {},
    ),
  );

  let executionsTable: Table;
  let itemsTable: Table;
  beforeAll(async () => {
    itemsTable = await newTable(ITEMS_TABLE);
    executionsTable = await newTable();
    await putRunWith(executionsTable, rows);
  });

  async function readAll(api: ExecutionsApi, query: Record<string, string>) {
    const items: ExecutionItem[] = [];
    let pages = 0;
    let cursor: string | undefined;
    do {
      const { status, body } = await api.items(1, { ...query, ...(cursor !== undefined && { cursor }) });
      expect(status).toBe(200);
      items.push(...body.items);
      pages += 1;
      cursor = body.next;
    } while (cursor !== undefined);
    return { ids: items.map(({ itemBankId: id }) => Number(id)), pages };
  }

  it('together have every id once, in the same order for every page size', async () => {
    const api = openExecutionsApi(executionsTable, stepFunctions, { itemsTable });
    const all = await readAll(api, { limit: '1000' });
    expect(all.pages).toBe(Math.ceil(OUTCOMES / 1_000));
    expect(new Set(all.ids).size).toBe(OUTCOMES);
    expect(all.ids).toHaveLength(OUTCOMES);
    expect(await readAll(api, { limit: '333' })).toEqual({ ids: all.ids, pages: Math.ceil(OUTCOMES / 333) });
    const failed = await readAll(api, { outcome: 'failed', limit: '100' });
    expect(failed).toEqual({
      ids: all.ids.filter((id) => id % 10 === 0),
      pages: Math.ceil(OUTCOMES / 1_000),
    });
  });

  it('read no more rows than they return, if there is no filter', async () => {
    const api = openExecutionsApi(executionsTable, stepFunctions, { itemsTable });
    const sent = countRequests(executionsTable);
    await api.items(1, { limit: '10' });
    // The rows of the mirror, because some of these items failed.
    expect(sent).toEqual({ GetItemCommand: 1, QueryCommand: 1, BatchGetItemCommand: 1 });
  });

  it('end when little time is left, even before anything is found', async () => {
    const overrides = { itemsTable, remainingTimeMs: () => 4_999 };
    const api = openExecutionsApi(executionsTable, stepFunctions, overrides);
    const { body } = await api.items(1, { reason: 'DEADLINE' });
    expect(body).toMatchObject({ items: [], next: expect.any(String) });
    expect((await readAll(api, { reason: 'DEADLINE' })).ids).toEqual([]);
  });
});
