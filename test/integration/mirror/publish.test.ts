import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordFailure } from '../../../functions/mirror/bookkeeping.ts';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { createPublisher, type Publish, publishChanges } from '../../../functions/mirror/publish.ts';
import type { ChangeEvent } from '../../../functions/shared/contract/events.ts';
import { itemBankId } from '../../../functions/shared/contract/ids.ts';
import type { Table } from '../../../functions/shared/dynamodb.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { createEventBus } from '../../support/event-bus.ts';
import { bankItem, ID, ITEMS_TABLE, mirrorOf, RUN } from '../../support/items-table.ts';
import { dies, dyingProcess, requireRow, store } from './support.ts';

const newTable = useDynamoDb();
const newItems = (): Promise<Table> => newTable(ITEMS_TABLE);

/** An event bus and its publisher. */
function newBus() {
  const bus = createEventBus();
  return { ...bus, publish: createPublisher({ client: bus.client, bus: bus.name }) };
}

const eventsOf = (count: number, repositoryName = '205030'): ChangeEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'ItemRemoved',
    detail: { itemBankId: itemBankId(index + 1), repositoryName, version: 2, reason: 'DELETED' },
  }));

const sizesOf = (requests: readonly unknown[][]): number[] => requests.map((entries) => entries.length);

describe('a publisher', () => {
  beforeEach(() => void vi.useFakeTimers().setTimerTickMode('nextTimerAsync'));
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const ALWAYS = Array.from({ length: 20 }, () => 1);
  const intervalsOf = (times: readonly number[]): number[] =>
    times.slice(1).map((time, index) => time - (times[index] ?? 0));

  it('puts an event on its bus, with its type and its detail', async () => {
    const { publish, requests } = newBus();
    const [event] = eventsOf(1);
    await publish(eventsOf(1));
    expect(requests).toEqual([
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

  it('makes no request if there are no events', async () => {
    const { publish, requests } = newBus();
    await publish([]);
    expect(requests).toEqual([]);
  });

  it('puts ten events per request', async () => {
    const { publish, requests, events } = newBus();
    await publish(eventsOf(21));
    expect(sizesOf(requests)).toEqual([10, 10, 1]);
    expect(events).toEqual(eventsOf(21));
  });

  it('puts fewer events per request if they are large', async () => {
    const { publish, requests } = newBus();
    await publish(eventsOf(5, 'x'.repeat(100_000)));
    expect(sizesOf(requests)).toEqual([2, 2, 1]);
  });

  it('sends only the rejected events again', async () => {
    const { publish, reject, requests, events } = newBus();
    reject(3, 1);
    await publish(eventsOf(5));
    expect(sizesOf(requests)).toEqual([5, 3, 1]);
    expect(events.map(({ detail }) => 'itemBankId' in detail && detail.itemBankId).toSorted()).toEqual([
      1, 2, 3, 4, 5,
    ]);
  });

  it.each([
    ['100 ms, doubled for each retry', 0, [100, 200, 400, 800, 1_600, 3_200]],
    ['up to twice as long by chance, but no longer than 3.2 s', 0.999, [200, 400, 800, 1_599, 3_198, 3_200]],
  ])('waits %s', async (_, random, intervals) => {
    vi.spyOn(Math, 'random').mockReturnValue(random);
    const { publish, reject, requestedAt } = newBus();
    reject(...ALWAYS);
    await expect(publish(eventsOf(1))).rejects.toThrow();
    expect(intervalsOf(requestedAt)).toEqual(intervals);
  });

  it('fails with the answer of EventBridge if an event is rejected seven times', async () => {
    const { publish, reject, requests } = newBus();
    reject(...ALWAYS);
    await expect(publish(eventsOf(2))).rejects.toThrow(
      'item-sync-test rejected 1 events: ThrottlingException',
    );
    expect(sizesOf(requests)).toEqual([2, 1, 1, 1, 1, 1, 1]);
  });

  it('fails at once with an error of the client, which makes its own retries', async () => {
    const { publish, client } = newBus();
    const error = new Error('no answer');
    const send = vi.spyOn(client, 'send').mockRejectedValue(error as never);
    await expect(publish(eventsOf(1))).rejects.toBe(error);
    expect(send).toHaveBeenCalledTimes(1);
  });
});

describe('publishChanges', () => {
  const publishRows = (
    itemsTable: Table,
    publish: Publish,
    rows: Parameters<typeof publishChanges>[1],
  ): Promise<void> => publishChanges({ itemsTable, publish }, rows);

  it('publishes what the mirror shows, and removes the mark from the row', async () => {
    const { publish, events } = newBus();
    const table = await newItems();
    await publishRows(table, publish, [await store(table, bankItem())]);
    expect(events).toEqual([
      {
        type: 'ItemCreated',
        detail: {
          itemBankId: ID,
          repositoryName: '205030',
          itemId: '205030',
          type: 'mc',
          version: 1,
          cause: 'run',
          headCommit: 'commit-1',
        },
      },
    ]);
    expect(await requireRow(table)).not.toHaveProperty('unpublished');
    await publishRows(table, publish, [await store(table, bankItem({ headCommit: 'commit-2' }))]);
    expect(events[1]).toMatchObject({
      type: 'ItemUpdated',
      detail: { version: 2, headCommit: 'commit-2' },
    });
  });

  it('publishes a change once, and leaves the item as it is', async () => {
    const { publish, events } = newBus();
    const table = await newItems();
    await store(table, bankItem());
    const mirror = await mirrorOf(table);
    for (let times = 0; times < 2; times += 1) await publishRows(table, publish, [await requireRow(table)]);
    expect(events).toHaveLength(1);
    expect(await mirrorOf(table)).toEqual(mirror);
  });

  it('publishes the changes of several items together', async () => {
    const { publish, requests } = newBus();
    const table = await newItems();
    const ids = Array.from({ length: 12 }, (_, index) => itemBankId(index + 1));
    const rows = [];
    for (const id of ids) rows.push(await store(table, bankItem({ itemBankId: id })));
    await publishRows(table, publish, rows);
    expect(sizesOf(requests)).toEqual([10, 2]);
    expect((await allRows(table)).filter((row) => 'unpublished' in row)).toEqual([]);
  });

  it('publishes a change that an earlier release has marked, and removes that mark', async () => {
    const { publish, events } = newBus();
    const table = await newItems();
    await store(table, bankItem());
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: ITEM_KEYS.item(ID),
        UpdateExpression: 'SET unannounced = :event REMOVE unpublished',
        ExpressionAttributeValues: { ':event': 'ItemUpdated' },
      }),
    );
    await publishRows(table, publish, [await requireRow(table)]);
    expect(events).toMatchObject([{ type: 'ItemUpdated', detail: { itemBankId: ID } }]);
    const [row] = await allRows(table);
    expect(row).toMatchObject({ sk: 'ITEM' });
    expect(row).not.toHaveProperty('unannounced');
    expect(row).not.toHaveProperty('unpublished');
  });

  it('publishes a change again if the process died before it removed the mark', async () => {
    const { publish, events } = newBus();
    const table = await newItems();
    const row = await store(table, bankItem());
    const dying = dyingProcess({ itemsTable: table, publish }, 1);
    expect(await dies(publishChanges(dying, [row]))).toBe(true);
    await publishRows(table, publish, [await requireRow(table)]);
    expect(events.map(({ type }) => type)).toEqual(['ItemCreated', 'ItemCreated']);
  });

  it('keeps the mark if EventBridge rejects the event', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    const reject = () => Promise.reject(new Error('EventBridge rejected 1 events'));
    await expect(publishRows(table, reject, [row])).rejects.toThrow('rejected');
    expect(await requireRow(table)).toMatchObject({ unpublished: 'ItemCreated' });
  });

  it('keeps the mark of a change that comes in between', async () => {
    const { publish, events } = newBus();
    const table = await newItems();
    const row = await store(table, bankItem());
    const next = await store(table, bankItem({ headCommit: 'commit-2' }));
    await publishRows(table, publish, [row]);
    expect(await requireRow(table)).toMatchObject({ unpublished: 'ItemCreated', version: 2 });
    await publishRows(table, publish, [next]);
    expect(events.map(({ detail }) => 'version' in detail && detail.version)).toEqual([1, 2]);
  });

  it('publishes no change of an item that is being removed', async () => {
    const { publish, requests } = newBus();
    const table = await newItems();
    const row = await store(table, bankItem());
    const removal = { reason: 'DELETED', at: RUN.now.toISOString() } as const;
    await publishRows(table, publish, [{ ...row, removal }]);
    expect(requests).toEqual([]);
  });

  it('publishes nothing for a repository with only a failure', async () => {
    const { publish, requests } = newBus();
    const table = await newItems();
    const failure = { reason: 'ITEM_JSON_MISSING', message: 'no item.json' } as const;
    await recordFailure(table, { row: undefined, repository: bankItem(), failure }, RUN);
    await publishRows(table, publish, [await requireRow(table)]);
    expect(requests).toEqual([]);
  });
});
