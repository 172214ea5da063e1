import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import pMap from 'p-map';
import pRetry, { AbortError } from 'p-retry';
import { chunksOf } from '../shared/chunks.ts';
import {
  CHANGE_EVENT_SOURCE,
  type ChangeCause,
  type ChangeEvent,
  type ItemChange,
} from '../shared/contract/events.ts';
import type { Table } from '../shared/dynamodb.ts';
import { updateItem } from './bookkeeping.ts';
import { isTombstone, type MirrorRow } from './mirror-rows.ts';

/** Puts events on the bus, in no particular order, each at least once. */
export type Publish = (events: readonly ChangeEvent[]) => Promise<void>;

interface PublisherDependencies {
  client: EventBridgeClient;
  /** The name of the bus. */
  bus: string;
}

// PutEvents takes 10 entries and 256 KB, which include everything but the name of the bus.
const MAX_ENTRIES = 10;
const MAX_BYTES = 262_144;
// 100 ms, doubled for each retry, and up to twice as long by chance; 3.2 s at most.
const RETRIES = { retries: 6, minTimeout: 100, factor: 2, maxTimeout: 3_200, randomize: true };

/**
 * Entries that EventBridge rejects are sent again.
 * @returns a function that throws an Error if EventBridge rejects an entry seven times, or the error of the client.
 */
export function createPublisher({ client, bus }: PublisherDependencies): Publish {
  return async (events) => {
    const entries = events.map(
      ({ type, detail }): PutEventsRequestEntry => ({
        EventBusName: bus,
        Source: CHANGE_EVENT_SOURCE,
        DetailType: type,
        Detail: JSON.stringify(detail),
      }),
    );
    const bytesOf = ({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number =>
      Buffer.byteLength(Source + DetailType + Detail);
    for (const chunk of chunksOf(entries, { count: MAX_ENTRIES, bytes: MAX_BYTES, bytesOf })) {
      let left = chunk;
      const putEntries = async (): Promise<void> => {
        const { Entries: results = [] } = await client
          .send(new PutEventsCommand({ Entries: left }))
          // The client has made its own retries.
          .catch((error) => Promise.reject(new AbortError(error)));
        left = left.filter((_, index) => results[index]?.EventId === undefined);
        if (left.length === 0) return;
        const codes = new Set(results.flatMap(({ ErrorCode }) => ErrorCode ?? []));
        throw new Error(`${bus} rejected ${left.length} events: ${[...codes].join(', ')}`);
      };
      await pRetry(putEntries, RETRIES);
    }
  };
}

// Concurrent requests to DynamoDB: enough to hide their latency.
const UPDATES_IN_FLIGHT = 10;

/**
 * Publishes the changes that are marked as unpublished in their rows, then removes the marks. A change whose mark could
 * not be removed is published again.
 * @param rows as they were last read or written; those without a mark are skipped.
 */
export async function publishChanges(
  { itemsTable, publish }: { itemsTable: Table; publish: Publish },
  rows: readonly MirrorRow[],
): Promise<void> {
  const changes = rows.flatMap((row) =>
    row.unpublished && !isTombstone(row) ? [{ row, type: row.unpublished }] : [],
  );
  await publish(
    changes.map(({ row, type }) => ({
      type,
      detail: {
        ...changeOf(row, row.cause),
        ...(row.headCommit !== undefined && { headCommit: row.headCommit }),
      },
    })),
  );
  await pMap(
    changes,
    // A row that is no longer as it was read has a newer change to publish, and keeps its mark.
    ({ row: { itemBankId, version } }) =>
      updateItem(itemsTable, { itemBankId, version, remove: ['unpublished', 'unannounced'] }),
    { concurrency: UPDATES_IN_FLIGHT },
  );
}

/** The part of an event's detail that all item events have. */
export function changeOf(
  { itemBankId, repositoryName, itemId, type, version }: MirrorRow,
  cause: ChangeCause | undefined,
): ItemChange {
  return {
    itemBankId,
    repositoryName,
    ...(itemId !== undefined && { itemId }),
    ...(type !== undefined && { type }),
    version,
    ...(cause && { cause }),
  };
}
