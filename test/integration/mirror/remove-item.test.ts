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

/** The request of a removal, with the events that it publishes. */
function removal() {
  const events: ChangeEvent[] = [];
  const publish = async (more: readonly ChangeEvent[]): Promise<void> => void events.push(...more);
  return { ...RUN, reason: 'DELETED', publish, events } as const;
}

/** An item whose removal was interrupted after `requests` requests. */
async function removeHalf(table: Table, requests = 1): Promise<Tombstone> {
  const row = await requireRow(table);
  expect(await dies(removeItem(dyingAfter(table, requests), row, removal()))).toBe(true);
  const left = await requireRow(table);
  if (isTombstone(left)) return left;
  throw new Error('there is no tombstone');
}

describe('removing an item', () => {
  it('deletes all its rows, and leaves the other items as they are', async () => {
    const table = await newItems();
    await store(table, bankItem({ itemBankId: itemBankId(2), repositoryName: 'other' }));
    const others = await allRows(table);
    const row = await store(table, LONG);
    expect(await removeItem(table, row, removal())).toBe('removed');
    expect(await allRows(table)).toEqual(others);
  });

  it('publishes ItemRemoved with the reason', async () => {
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
          cause: 'run',
          reason: 'DELETED',
        },
      },
    ]);
  });

  it('publishes nothing if the item was never mirrored', async () => {
    const table = await newItems();
    const failure = { reason: 'ITEM_JSON_MISSING', message: 'no item.json' } as const;
    await recordFailure(table, { row: undefined, repository: bankItem(), failure }, RUN);
    const request = removal();
    expect(await removeItem(table, await requireRow(table), request)).toBe('removed');
    expect(request.events).toEqual([]);
    expect(await allRows(table)).toEqual([]);
  });

  it('succeeds without an event when it is repeated', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    await removeItem(table, row, removal());
    const again = removal();
    expect(await removeItem(table, row, again)).toBe('removed');
    expect(again.events).toEqual([]);
  });

  it('makes an item that comes back a new one', async () => {
    const table = await newItems();
    await removeItem(table, await store(table, LONG), removal());
    expect(await store(table, bankItem())).toMatchObject({ version: 1, change: 'created' });
    expect(await allRows(table)).toHaveLength(6);
  });

  it('reports a conflict if another writer has changed the item', async () => {
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

describe('an interrupted removal', () => {
  it('leaves a tombstone with the reason, the time and the run', async () => {
    const table = await newItems();
    await store(table, bankItem());
    expect(await removeHalf(table)).toMatchObject({
      version: 2,
      removal: { reason: 'DELETED', at: NOW.toISOString(), jobExecutionId: 15 },
    });
  });

  it('is finished by the next removal, with the reason of the first', async () => {
    const table = await newItems();
    await store(table, LONG);
    const tombstone = await removeHalf(table, 3);
    const request = { ...removal(), reason: 'IGNORED' } as const;
    expect(await removeItem(table, tombstone, request)).toBe('removed');
    expect(request.events).toMatchObject([{ detail: { reason: 'DELETED', version: tombstone.version } }]);
    expect(await allRows(table)).toEqual([]);
  });

  it('is finished by any process that reads the tombstone', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const tombstone = await removeHalf(table);
    const { events, publish } = removal();
    await finishRemoval(table, tombstone, publish);
    expect(events).toMatchObject([{ type: 'ItemRemoved' }]);
    expect(await allRows(table)).toEqual([]);
  });

  it('blocks every other writer', async () => {
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

  it('deletes no row of an item that came back after another process had removed it', async () => {
    const table = await newItems();
    await store(table, LONG);
    const tombstone = await removeHalf(table);
    const comeBack = async (): Promise<MirrorRow> => {
      await finishRemoval(table, tombstone, removal().publish);
      return store(table, LONG);
    };
    // The other process comes in between reading the rows and deleting them.
    const { events, publish } = removal();
    await finishRemoval(interruptedAfter(table, 1, comeBack), tombstone, publish);
    expect(events).toEqual([]);
    expect(await requireRow(table)).toMatchObject({ version: 3, revisionCount: 250 });
    expect(await allRows(table)).toHaveLength(253);
  });

  it('leaves an item that came back alone, even if it has the version of the tombstone', async () => {
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

  it('leaves a later removal of the same item alone', async () => {
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

  it('does not delete ITEM of an item that came back after its other rows were deleted', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const tombstone = await removeHalf(table);
    await finishRemoval(table, tombstone, removal().publish);
    await finishRemoval(table, tombstone, async () => void (await store(table, bankItem())));
    expect(await allRows(table)).toHaveLength(6);
  });
});

describe('two removals at once', () => {
  it('delete all rows and publish the event', async () => {
    const table = await newItems();
    const row = await store(table, LONG);
    const [one, other] = [removal(), removal()];
    const results = await Promise.all([removeItem(table, row, one), removeItem(table, row, other)]);
    expect(results).toEqual(['removed', 'removed']);
    expect([...one.events, ...other.events]).not.toEqual([]);
    expect(await allRows(table)).toEqual([]);
  });
});
