import { setTimeout as delay } from 'node:timers/promises';
import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import pMap from 'p-map';
import { chunksOf } from '../shared/chunks.ts';
import { CHANGE_EVENT_SOURCE, type ChangeEvent, type ItemChange } from '../shared/contract/events.ts';
import type { Table } from '../shared/dynamodb.ts';
import { updateItem } from './item-update.ts';
import { isTombstone, type MirrorRow } from './mirror-rows.ts';

/** Puts events on the bus, in no order, each at least once. */
export type Publish = (events: readonly ChangeEvent[]) => Promise<void>;

export interface PublisherDependencies {
  client: EventBridgeClient;
  /** The bus's name. */
  bus: string;
  /** Waits so many milliseconds; a timer does unless given. */
  pause?: (milliseconds: number) => Promise<unknown>;
}

// PutEvents takes 10 entries and 256 KB, of which it counts everything but the name of the bus.
const MOST_ENTRIES = 10;
const MOST_BYTES = 262_144;
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 3_200;

/**
 * Entries that EventBridge refuses are sent again, after pauses that grow.
 * @returns a function that throws an Error when some are refused seven times, and whatever the client throws.
 */
export function createPublisher({ client, bus, pause = delay }: PublisherDependencies): Publish {
  const publishAll = async (entries: PutEventsRequestEntry[]): Promise<void> => {
    let left = entries;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
      const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries: left }));
      left = left.filter((_, index) => results[index]?.EventId === undefined);
      if (left.length === 0) return;
      const codes = new Set(results.flatMap(({ ErrorCode }) => ErrorCode ?? []));
      if (pauseMs > LAST_PAUSE_MS)
        throw new Error(`${bus} refused ${left.length} events: ${[...codes].join(', ')}`);
      await pause(pauseMs);
    }
  };
  return async (events) => {
    const entries = events.map((event) => entryOf(event, bus));
    const packs = chunksOf(entries, { count: MOST_ENTRIES, bytes: MOST_BYTES, bytesOf: entryBytes });
    for (const pack of packs) await publishAll(pack);
  };
}

const entryOf = ({ type, detail }: ChangeEvent, bus: string): PutEventsRequestEntry => ({
  EventBusName: bus,
  Source: CHANGE_EVENT_SOURCE,
  DetailType: type,
  Detail: JSON.stringify(detail),
});

const entryBytes = ({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number =>
  Buffer.byteLength(Source + DetailType + Detail);

// Requests to DynamoDB of one call: enough to hide their latency.
const UPDATES_IN_FLIGHT = 10;

/**
 * Tells the event bus of the changes that it has not been told of, and notes in their rows that it has. What is not
 * noted is told again.
 * @param rows as they were read or written last; those with nothing to tell do not matter.
 */
export async function announceChanges(
  { itemsTable, publish }: { itemsTable: Table; publish: Publish },
  rows: readonly MirrorRow[],
): Promise<void> {
  const changes = rows.flatMap((row) =>
    row.unannounced && !isTombstone(row) ? [{ row, type: row.unannounced }] : [],
  );
  await publish(
    changes.map(({ row, type }) => ({
      type,
      detail: { ...changeOf(row), ...(row.headCommit !== undefined && { headCommit: row.headCommit }) },
    })),
  );
  // A row that is no longer as it was read has another change to tell.
  const note = ({ row: { itemBankId, version } }: { row: MirrorRow }): Promise<boolean> =>
    updateItem(itemsTable, { itemBankId, version, remove: 'unannounced' });
  await pMap(changes, note, { concurrency: UPDATES_IN_FLIGHT });
}

/** What every event says of an item. */
export function changeOf({ itemBankId, repositoryName, itemId, type, version }: MirrorRow): ItemChange {
  return {
    itemBankId,
    repositoryName,
    ...(itemId !== undefined && { itemId }),
    ...(type !== undefined && { type }),
    version,
  };
}
