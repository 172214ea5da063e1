import { describe, expect, it } from 'vitest';
import { recordFailure } from '../../../functions/mirror/bookkeeping.ts';
import { isTombstone, type MirrorRow, type Tombstone } from '../../../functions/mirror/mirror-rows.ts';
import { isUnchanged } from '../../../functions/mirror/plan-item.ts';
import { finishRemoval, removeItem } from '../../../functions/mirror/remove-item.ts';
import { writeItem } from '../../../functions/mirror/write-item.ts';
import type { ChangeEvent } from '../../../functions/shared/contract/events.ts';
import { itemBankId } from '../../../functions/shared/contract/ids.ts';
import type { Table } from '../../../functions/shared/dynamodb.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { bankItem, ID, ITEMS_TABLE, NOW, RUN, revisions } from '../../support/items-table.ts';
import { dies, dyingAfter, interruptedAfter, planFor, requireRow, store } from './support.ts';

const newTable = useDynamoDb();
const newItems = (): Promise<Table> => newTable(ITEMS_TABLE);

const LONG = bankItem({ revisions: revisions(250) });

/** A removal, and what it tells the event bus. */
function removal() {
  const events: ChangeEvent[] = [];
  const publish = async (more: readonly ChangeEvent[]): Promise<void> => void events.push(...more);
  return { ...RUN, reason: 'DELETED', publish, events } as const;
}

/** An item whose removal ended after so many requests. */
async function removeHalf(table: Table, requests = 1): Promise<Tombstone> {
  const row = await requireRow(table);
  expect(await dies(removeItem(dyingAfter(table, requests), row, removal()))).toBe(true);
  const left = await requireRow(table);
  if (isTombstone(left)) return left;
  throw new Error('there is no tombstone');
}

describe('a removed item', () => {
  it('leaves no row, and the other items as they are', async () => {
    const table = await newItems();
    await store(table, bankItem({ itemBankId: itemBankId(2), repositoryName: 'other' }));
    const others = await allRows(table);
    const row = await store(table, LONG);
    expect(await removeItem(table, row, removal())).toBe('removed');
    expect(await allRows(table)).toEqual(others);
  });

  it('is announced with the reason', async () => {
    const table = await newItems();
    const request = removal();
    await removeItem(table, await store(table, bankItem()), request);
    expect(request.events).toEqual([
      {
        type: 'ItemRemoved',
        detail: {
          itemBankId: ID,
          repositoryName: '205030',
          itemId: '205030',
          type: 'mc',
          version: 2,
          reason: 'DELETED',
        },
      },
    ]);
  });

  it('is not announced when it never was mirrored', async () => {
    const table = await newItems();
    const trouble = { reason: 'ITEM_JSON_MISSING', message: 'no item.json' } as const;
    await recordFailure(table, { row: undefined, seen: bankItem(), trouble }, RUN);
    const request = removal();
    expect(await removeItem(table, await requireRow(table), request)).toBe('removed');
    expect(request.events).toEqual([]);
    expect(await allRows(table)).toEqual([]);
  });

  it('is removed as well when it is removed again', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    await removeItem(table, row, removal());
    const again = removal();
    expect(await removeItem(table, row, again)).toBe('removed');
    expect(again.events).toEqual([]);
  });

  it('that comes back is a new one', async () => {
    const table = await newItems();
    await removeItem(table, await store(table, LONG), removal());
    expect(await store(table, bankItem())).toMatchObject({ version: 1, change: 'created' });
    expect(await allRows(table)).toHaveLength(5);
  });

  it('is not the one that another writer has changed meanwhile', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    await store(table, bankItem({ headCommit: 'commit-2' }));
    const rows = await allRows(table);
    const request = removal();
    expect(await removeItem(table, row, request)).toBe('conflict');
    expect(request.events).toEqual([]);
    expect(await allRows(table)).toEqual(rows);
  });
});

describe('a removal that ended half-way', () => {
  it('leaves a tombstone that says why, when and by which run', async () => {
    const table = await newItems();
    await store(table, bankItem());
    expect(await removeHalf(table)).toMatchObject({
      version: 2,
      removal: { reason: 'DELETED', at: NOW.toISOString(), jobExecutionId: 15 },
    });
  });

  it('is finished by the next one, whose reason does not matter', async () => {
    const table = await newItems();
    await store(table, LONG);
    const tombstone = await removeHalf(table, 3);
    const request = { ...removal(), reason: 'IGNORED' } as const;
    expect(await removeItem(table, tombstone, request)).toBe('removed');
    expect(request.events).toMatchObject([{ detail: { reason: 'DELETED', version: tombstone.version } }]);
    expect(await allRows(table)).toEqual([]);
  });

  it('is finished by whoever meets the tombstone', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const tombstone = await removeHalf(table);
    const { events, publish } = removal();
    await finishRemoval(table, tombstone, publish);
    expect(events).toMatchObject([{ type: 'ItemRemoved' }]);
    expect(await allRows(table)).toEqual([]);
  });

  it('keeps every other writer away', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    const planBefore = await planFor(table, LONG);
    const tombstone = await removeHalf(table);
    const rows = await allRows(table);
    expect(isUnchanged(tombstone, bankItem())).toBe(false);
    expect(await writeItem(table, planBefore, RUN)).toBeUndefined();
    expect(await writeItem(table, await planFor(table, LONG), RUN)).toBeUndefined();
    expect(await writeItem(table, { ...planBefore, before: undefined }, RUN)).toBeUndefined();
    expect(await removeItem(dyingAfter(table, 2), row, removal()).catch(() => 'died')).toBe('died');
    expect(await allRows(table)).toEqual(rows);
  });

  it('deletes nothing of an item that another process removed and that came back', async () => {
    const table = await newItems();
    await store(table, LONG);
    const tombstone = await removeHalf(table);
    const comeBack = async (): Promise<MirrorRow> => {
      await finishRemoval(table, tombstone, removal().publish);
      return store(table, LONG);
    };
    // The other process comes in between the reading of the rows and their deletion.
    const { events, publish } = removal();
    await finishRemoval(interruptedAfter(table, 1, comeBack), tombstone, publish);
    expect(events).toEqual([]);
    expect(await requireRow(table)).toMatchObject({ version: 3, revisionCount: 250 });
    expect(await allRows(table)).toHaveLength(252);
  });

  it('tells an item that came back from the one that it knew, whatever its version', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const tombstone = await removeHalf(table);
    await finishRemoval(table, tombstone, removal().publish);
    await store(table, bankItem());
    const { version } = await store(table, bankItem({ headCommit: 'commit-2' }));
    expect(version).toBe(tombstone.version);
    const rows = await allRows(table);
    const { events, publish } = removal();
    await finishRemoval(table, tombstone, publish);
    expect(events).toEqual([]);
    expect(await allRows(table)).toEqual(rows);
  });

  it('leaves a later removal of the same item to itself', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const tombstone = await removeHalf(table);
    await finishRemoval(table, tombstone, removal().publish);
    await store(table, LONG);
    await removeHalf(table);
    const rows = await allRows(table);
    const { events, publish } = removal();
    await finishRemoval(table, tombstone, publish);
    expect(events).toEqual([]);
    expect(await allRows(table)).toEqual(rows);
  });

  it('does not delete the row of an item that came back when all else was deleted', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const tombstone = await removeHalf(table);
    await finishRemoval(table, tombstone, removal().publish);
    await finishRemoval(table, tombstone, async () => void (await store(table, bankItem())));
    expect(await allRows(table)).toHaveLength(5);
  });
});

describe('two removals at once', () => {
  it('end without a row, and with the event', async () => {
    const table = await newItems();
    const row = await store(table, LONG);
    const [one, other] = [removal(), removal()];
    const results = await Promise.all([removeItem(table, row, one), removeItem(table, row, other)]);
    expect(results).toEqual(['removed', 'removed']);
    expect([...one.events, ...other.events]).not.toEqual([]);
    expect(await allRows(table)).toEqual([]);
  });
});
