import { isMarked, type MirrorRow } from './mirror-rows.ts';

/**
 * When the mirror is known to have shown what the bank had. A run writes nothing for an item that it finds unchanged, so
 * this is the later of what the item's row says and of the start of the last full run. The run does not count for a row
 * that has a mark, because the run could not compare it, nor for one that was written after the run began: the run may
 * have compared an earlier version of it. A row with a mark may therefore have been compared later than this says.
 * @param lastFullRun when the last run began that compared the whole bank, ISO 8601.
 * @returns ISO 8601; undefined if the item was never read.
 */
export function lastVerifiedAt(row: MirrorRow, lastFullRun: string | undefined): string | undefined {
  const { lastVerifiedAt: ownTime, lastChangedAt } = row;
  if (ownTime === undefined || lastFullRun === undefined || isMarked(row) || row.incomplete) return ownTime;
  if (lastChangedAt !== undefined && lastChangedAt > lastFullRun) return ownTime;
  return ownTime > lastFullRun ? ownTime : lastFullRun;
}
