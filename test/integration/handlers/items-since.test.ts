import { describe, expect, it } from 'vitest';
import { KEYS } from '../../../functions/executions/keys.ts';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { itemBankId, jobExecutionId } from '../../../functions/shared/contract/ids.ts';
import type { Outcome } from '../../../functions/shared/contract/job-execution.ts';
import { putRows, type Row } from '../../../functions/shared/dynamodb.ts';
import { countRequests, useDynamoDb } from '../../support/dynamodb.ts';
import { ITEMS_TABLE } from '../../support/items-table.ts';
import { recordOf } from '../../support/records.ts';
import { useStepFunctions } from '../../support/step-functions.ts';
import { openExecutionsApi } from './executions-support.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

const rowOf = (id: number, outcome: Outcome): Row => ({
  ...KEYS.item(jobExecutionId(1), itemBankId(id)),
  itemBankId: id,
  repositoryName: `item-${id}`,
  outcome,
  webhookFound: 'present',
  webhookLeft: 'present',
  durationMs: 7,
});

const marked = (id: number, marks: Row): Row => ({
  ...ITEM_KEYS.item(itemBankId(id)),
  ...{ nodeId: `R_${id}`, repositoryName: `item-${id}`, archived: false, version: 3 },
  ...marks,
});
const failure = { reason: 'CONFLICT', message: 'no', since: '2026-11-20T09:00:00.000Z', at: 'later' };

/** The API in front of a run with these rows, and of a mirror. */
async function apiWith(rows: Row[], mirror: Row[] = []) {
  const [executionsTable, itemsTable] = await Promise.all([newTable(), newTable(ITEMS_TABLE)]);
  await putRows(executionsTable, [recordOf(1), ...rows]);
  await putRows(itemsTable, mirror);
  return { itemsTable, ...openExecutionsApi(executionsTable, stepFunctions, { itemsTable }) };
}

describe('since when an item fails', () => {
  it('is what the mirror says, and absent if it says nothing', async () => {
    const api = await apiWith(
      [
        rowOf(1, 'failed'),
        rowOf(2, 'failed'),
        rowOf(3, 'created'),
        rowOf(4, 'failed'),
        rowOf(5, 'deferred'),
        rowOf(6, 'failed'),
        rowOf(7, 'failed'),
      ],
      [
        marked(1, { failure }),
        marked(2, { failure, deferredAt: '2026-11-19T09:00:00.000Z' }),
        marked(3, { failure }),
        marked(4, {}),
        marked(5, { deferredAt: '2026-11-22T09:00:00.000Z' }),
        marked(6, { failure: 'of another release' }),
      ],
    );
    const { items } = (await api.items(1)).body;
    expect(Object.fromEntries(items.map(({ itemBankId: id, since }) => [id, since]))).toEqual({
      1: '2026-11-20T09:00:00.000Z',
      // Deferred before it failed.
      2: '2026-11-19T09:00:00.000Z',
      // A later run failed at it. This one did not.
      3: undefined,
      4: undefined,
      5: '2026-11-22T09:00:00.000Z',
      6: undefined,
      7: undefined,
    });
    const { text } = await api.items(1, { format: 'csv', outcome: 'deferred' });
    expect(text).toMatch(/,since\r\n5,.*,2026-11-22T09:00:00\.000Z\r\n$/);
  });

  it('takes one read for 100 items, and none for those after the page', async () => {
    const rows = Array.from({ length: 300 }, (_, index) => rowOf(index + 1, 'failed'));
    const { itemsTable, ...api } = await apiWith([...rows, rowOf(999, 'created')]);
    const sent = countRequests(itemsTable);
    const reads = async (query: Record<string, string>): Promise<number> => {
      const before = sent['BatchGetItemCommand'] ?? 0;
      await api.items(1, query);
      return (sent['BatchGetItemCommand'] ?? 0) - before;
    };
    expect(await reads({ outcome: 'failed', limit: '100' })).toBe(1);
    expect(await reads({ limit: '100' })).toBe(1);
    expect(await reads({ outcome: 'failed', limit: '250' })).toBe(3);
    expect(await reads({ outcome: 'created' })).toBe(0);
  });
});
