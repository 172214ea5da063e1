import { describe, expect, it } from 'vitest';
import { recordFailure } from '../../../functions/mirror/bookkeeping.ts';
import { announceChanges, createPublisher, type Publish } from '../../../functions/mirror/publish.ts';
import type { ChangeEvent } from '../../../functions/shared/contract/events.ts';
import { itemBankId } from '../../../functions/shared/contract/ids.ts';
import type { Table } from '../../../functions/shared/dynamodb.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { useEventBus } from '../../support/event-bus.ts';
import { bankItem, ID, ITEMS_TABLE, mirrorOf, RUN } from '../../support/items-table.ts';
import { dies, dyingProcess, requireRow, store } from './support.ts';

const newTable = useDynamoDb();
const newItems = (): Promise<Table> => newTable(ITEMS_TABLE);
const bus = useEventBus();

/** A publisher whose pauses are told, and not waited for. */
function createPublisherOf(pauses: number[] = []): Publish {
  const pause = async (milliseconds: number): Promise<void> => void pauses.push(milliseconds);
  return createPublisher({ client: bus.client, bus: bus.name, pause });
}

const eventsOf = (count: number, repositoryName = '205030'): ChangeEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'ItemRemoved',
    detail: { itemBankId: itemBankId(index + 1), repositoryName, version: 2, reason: 'DELETED' },
  }));

const sizes = (): number[] => bus.requests.map((entries) => entries.length);

describe('a publisher', () => {
  it('puts an event on its bus, with its type and its detail', async () => {
    const [event] = eventsOf(1);
    await createPublisherOf()(eventsOf(1));
    expect(bus.requests).toEqual([
      [
        {
          EventBusName: 'item-sync-test',
          Source: 'item-sync',
          DetailType: 'ItemRemoved',
          Detail: JSON.stringify(event?.detail),
        },
      ],
    ]);
  });

  it('asks for nothing when there is nothing to tell', async () => {
    await createPublisherOf()([]);
    expect(bus.requests).toEqual([]);
  });

  it('puts ten at a time', async () => {
    await createPublisherOf()(eventsOf(21));
    expect(sizes()).toEqual([10, 10, 1]);
    expect(bus.events).toEqual(eventsOf(21));
  });

  it('puts fewer at a time when they are large', async () => {
    await createPublisherOf()(eventsOf(5, 'x'.repeat(100_000)));
    expect(sizes()).toEqual([2, 2, 1]);
  });

  it('sends again what was refused, and only that, after pauses that grow', async () => {
    const pauses: number[] = [];
    bus.refuse(3, 1);
    await createPublisherOf(pauses)(eventsOf(5));
    expect(sizes()).toEqual([5, 3, 1]);
    expect(pauses).toEqual([100, 200]);
    expect(bus.events.map(({ detail }) => 'itemBankId' in detail && detail.itemBankId).toSorted()).toEqual([
      1, 2, 3, 4, 5,
    ]);
  });

  it('fails with what EventBridge said when that does not end', async () => {
    bus.refuse(...Array.from({ length: 7 }, () => 1));
    await expect(createPublisherOf()(eventsOf(2))).rejects.toThrow(
      'item-sync-test refused 1 events: ThrottlingException',
    );
    expect(sizes()).toEqual([2, 1, 1, 1, 1, 1, 1]);
  });
});

describe('changes', () => {
  const announce = (table: Table, rows: Parameters<typeof announceChanges>[1]): Promise<void> =>
    announceChanges({ itemsTable: table, publish: createPublisherOf() }, rows);

  it('are told with what the mirror shows, and noted as told', async () => {
    const table = await newItems();
    await announce(table, [await store(table, bankItem())]);
    expect(bus.events).toEqual([
      {
        type: 'ItemCreated',
        detail: {
          itemBankId: ID,
          repositoryName: '205030',
          itemId: '205030',
          type: 'mc',
          version: 1,
          headCommit: 'commit-1',
        },
      },
    ]);
    expect(await requireRow(table)).not.toHaveProperty('unannounced');
    await announce(table, [await store(table, bankItem({ headCommit: 'commit-2' }))]);
    expect(bus.events[1]).toMatchObject({
      type: 'ItemUpdated',
      detail: { version: 2, headCommit: 'commit-2' },
    });
  });

  it('are told once, and the mirror is as it was', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const mirror = await mirrorOf(table);
    for (let times = 0; times < 2; times += 1) await announce(table, [await requireRow(table)]);
    expect(bus.events).toHaveLength(1);
    expect(await mirrorOf(table)).toEqual(mirror);
  });

  it('of many items are told together', async () => {
    const table = await newItems();
    const ids = Array.from({ length: 12 }, (_, index) => itemBankId(index + 1));
    const rows = [];
    for (const id of ids) rows.push(await store(table, bankItem({ itemBankId: id })));
    await announce(table, rows);
    expect(sizes()).toEqual([10, 2]);
    expect((await allRows(table)).filter((row) => 'unannounced' in row)).toEqual([]);
  });

  it('are told again after a death between telling and noting', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    const dying = dyingProcess({ itemsTable: table, publish: createPublisherOf() }, 1);
    expect(await dies(announceChanges(dying, [row]))).toBe(true);
    await announce(table, [await requireRow(table)]);
    expect(bus.events.map(({ type }) => type)).toEqual(['ItemCreated', 'ItemCreated']);
  });

  it('stay untold when EventBridge refuses them', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    bus.refuse(...Array.from({ length: 7 }, () => 1));
    await expect(announce(table, [row])).rejects.toThrow('refused');
    expect(await requireRow(table)).toMatchObject({ unannounced: 'ItemCreated' });
  });

  it('that come in between stay to be told', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    const next = await store(table, bankItem({ headCommit: 'commit-2' }));
    await announce(table, [row]);
    expect(await requireRow(table)).toMatchObject({ unannounced: 'ItemCreated', version: 2 });
    await announce(table, [next]);
    expect(bus.events.map(({ detail }) => 'version' in detail && detail.version)).toEqual([1, 2]);
  });

  it('are not told of an item that is being removed', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    await announce(table, [{ ...row, removal: { reason: 'DELETED', at: RUN.now.toISOString() } }]);
    expect(bus.requests).toEqual([]);
  });

  it('are none where there is only a failure', async () => {
    const table = await newItems();
    const trouble = { reason: 'ITEM_JSON_MISSING', message: 'no item.json' } as const;
    await recordFailure(table, { row: undefined, seen: bankItem(), trouble }, RUN);
    await announce(table, [await requireRow(table)]);
    expect(bus.requests).toEqual([]);
  });
});
