import { expect, it } from 'vitest';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { itemBankId } from '../../../functions/shared/contract/ids.ts';
import { putRows } from '../../../functions/shared/dynamodb.ts';
import { oldestItemAge } from '../../../functions/synchronization/oldest-item.ts';
import { countRequests, useDynamoDb } from '../../support/dynamodb.ts';
import { ITEMS_TABLE, NOW } from '../../support/items-table.ts';

const newTable = useDynamoDb();

const STALE_IDS = Array.from({ length: 1_500 }, (_, index) => itemBankId(index + 1));
const HOUR_SECONDS = 3_600;

/** A mirror in which only the last of the stale ids has a row, which was marked ten hours before. */
async function query(isTimeOver = () => false) {
  const itemsTable = await newTable(ITEMS_TABLE);
  const marks = { headCommit: 'commit-1', deferredAt: '2026-11-22T23:00:00.000Z' };
  await putRows(itemsTable, [{ ...ITEM_KEYS.item(itemBankId(1_500)), ...marks }]);
  const since = '2026-11-23T08:00:00.000Z';
  return { itemsTable, now: NOW, since, staleIds: STALE_IDS, isTimeOver };
}

it('the age of the oldest item takes every stale item into account, 100 rows at once', async () => {
  const given = await query();
  const sent = countRequests(given.itemsTable);
  expect(await oldestItemAge(given)).toBe(10 * HOUR_SECONDS);
  expect(sent).toEqual({ BatchGetItemCommand: 15 });
});

it('the age of the oldest item is that of the run if no item is stale', async () => {
  expect(await oldestItemAge({ ...(await query()), staleIds: [] })).toBe(HOUR_SECONDS);
});

it('the age of the oldest item is not known if the time is over before all rows are read', async () => {
  let asked = 0;
  const given = await query(() => {
    asked += 1;
    return asked > 3;
  });
  await expect(oldestItemAge(given)).rejects.toThrow(RangeError);
});
