import { isMirrored } from '../mirror/mirror-rows.ts';
import { readMirror } from '../mirror/read-mirror.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Table } from '../shared/dynamodb.ts';

interface OldestItemQuery {
  itemsTable: Table;
  now: Date;
  /** When the full run began that has just ended, ISO 8601. */
  since: string;
  /** Ids that failed in that run. */
  failedIds: readonly ItemBankId[];
}

/**
 * How long ago the oldest item of the mirror was last compared with the bank, in seconds. This is a lower bound. A full
 * run has compared every item except those that failed, so that only their rows are read, and none if none failed. A
 * row says since when its item has failed, not when it was last found unchanged, which is up to a day earlier. Deferred
 * items do not count, because their rows do not say since when they are deferred. Repositories that the mirror has no
 * item for do not count either.
 */
export async function oldestItemAge({ itemsTable, now, since, failedIds }: OldestItemQuery): Promise<number> {
  const rows = failedIds.length === 0 ? [] : [...(await readMirror(itemsTable, failedIds)).values()];
  const times = rows.flatMap((row) => (isMirrored(row) && row.failure ? [row.failure.since] : []));
  const oldest = Math.min(Date.parse(since), ...times.map((time) => Date.parse(time)));
  return Math.max(0, Math.round((now.getTime() - oldest) / 1_000));
}
