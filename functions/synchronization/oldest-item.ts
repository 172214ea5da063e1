import pMap from 'p-map';
import { readStaleItems } from '../mirror/stale-since.ts';
import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Table } from '../shared/dynamodb.ts';

interface OldestItemQuery {
  itemsTable: Table;
  now: Date;
  /** When the full run began that has just ended, ISO 8601. */
  since: string;
  /** Ids that failed or were deferred in that run. */
  staleIds: readonly ItemBankId[];
  isTimeOver: () => boolean;
}

// Hides the latency of DynamoDB, so that the rows of 100,000 ids take seconds.
const READS = { count: 100, concurrency: 10 };

/**
 * How long ago the oldest item of the mirror was last compared with the bank, in seconds. This is a lower bound. A full
 * run has compared every item except those that failed or were deferred, so that only their rows are read, and none if
 * there are none. A row says since when runs have not compared its item, which is up to a day after the last comparison.
 * Repositories that the mirror has no item for do not count.
 * @throws RangeError if the time is over: the age of a part of the items would look like that of all.
 */
export async function oldestItemAge(query: OldestItemQuery): Promise<number> {
  const { itemsTable, now, since, staleIds, isTimeOver } = query;
  let oldest = Date.parse(since);
  const read = async (ids: readonly ItemBankId[]): Promise<void> => {
    if (isTimeOver()) throw new RangeError('too little time is left for the rows of all stale items');
    for (const item of (await readStaleItems(itemsTable, ids)).values()) {
      if (item.isMirrored) oldest = Math.min(oldest, Date.parse(item.since));
    }
  };
  await pMap(chunksOf(staleIds, READS), read, READS);
  return Math.max(0, Math.round((now.getTime() - oldest) / 1_000));
}
