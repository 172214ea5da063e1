import type { ItemFields } from './item-fields.ts';

/** One commit of item.json in the history of the followed branch. */
export interface Revision {
  sha: string;
  /** When it was committed, ISO 8601, UTC; absent if GitHub's time cannot be read. Later than `authoredAt` after a rebase. */
  committedAt?: string;
  /** When it was written. Absent if GitHub's time cannot be read. */
  authoredAt?: string;
  /** The author's name in git; empty if it cannot be read. */
  author: string;
  /** The author's login at GitHub; absent if the author has no account. */
  authorLogin?: string;
  /** Absent if the file of that commit does not have one. */
  workflowStatus?: string;
}

/**
 * The attributes of ITEM that follow from the item's history. Times are those of the committer, which follow the order of
 * the history.
 */
export interface HistoryFields {
  /** Absent, like the other times, if the revision has no time. */
  createdAt?: string;
  createdBy: string;
  createdByLogin?: string;
  updatedAt?: string;
  updatedBy: string;
  updatedByLogin?: string;
  /** Since when the item has had its workflow status; absent if it has none, or if no revision has that status. */
  workflowStatusSetAt?: string;
  /** When the item last became operational, although it may not be any longer. */
  operationalSince?: string;
  /** Whether the English or the Spanish content was updated since. */
  contentChangedAfterOperational: boolean;
  revisionCount: number;
}

const OPERATIONAL = 'Operational';

/**
 * @param revisions complete, the oldest first.
 * @param item the item as it is now.
 * @throws RangeError if there is no revision.
 */
export function historyFields(
  revisions: readonly Revision[],
  item: Pick<ItemFields, 'workflowStatus' | 'englishContentUpdatedAt' | 'spanishContentUpdatedAt'>,
): HistoryFields {
  const [first, last] = [revisions.at(0), revisions.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('An item has at least one revision.');
  // Revisions without a status do not interrupt those before and after them.
  const withStatus = revisions.filter(({ workflowStatus }) => workflowStatus !== undefined);
  // The status was set by the first of the latest consecutive revisions that have it.
  const lastOther = withStatus.findLastIndex(({ workflowStatus }) => workflowStatus !== item.workflowStatus);
  const setBy = withStatus.at(lastOther + 1);
  const operational = withStatus.findLast(
    ({ workflowStatus }, index) =>
      workflowStatus === OPERATIONAL && withStatus[index - 1]?.workflowStatus !== OPERATIONAL,
  );
  const operationalSince = operational?.committedAt;
  const contentDates = [item.englishContentUpdatedAt, item.spanishContentUpdatedAt];
  return {
    ...(first.committedAt !== undefined && { createdAt: first.committedAt }),
    createdBy: first.author,
    ...(first.authorLogin !== undefined && { createdByLogin: first.authorLogin }),
    ...(last.committedAt !== undefined && { updatedAt: last.committedAt }),
    updatedBy: last.author,
    ...(last.authorLogin !== undefined && { updatedByLogin: last.authorLogin }),
    ...(setBy?.committedAt !== undefined && { workflowStatusSetAt: setBy.committedAt }),
    ...(operationalSince !== undefined && { operationalSince }),
    contentChangedAfterOperational:
      operationalSince !== undefined &&
      contentDates.some((date) => date !== undefined && date > operationalSince),
    revisionCount: revisions.length,
  };
}
