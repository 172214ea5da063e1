/** One commit of item.json in the history of the followed branch. */
export interface Revision {
  sha: string;
  /** ISO 8601, UTC; absent if GitHub's time cannot be read. */
  authoredAt?: string;
  author: string;
  /** Absent if the file of that commit does not have one. */
  workflowStatus?: string;
}

/** The attributes of ITEM that follow from the item's history. */
export interface HistoryFields {
  /** Absent, like the other times, if the revision has no time. */
  createdAt?: string;
  createdBy: string;
  updatedAt?: string;
  updatedBy: string;
  /** Since when the item has had its workflow status; absent if it has none, or if no revision has that status. */
  workflowStatusSetAt?: string;
  revisionCount: number;
}

/**
 * @param revisions complete, the oldest first.
 * @param workflowStatus the item's present one.
 * @throws RangeError if there is no revision.
 */
export function historyFields(
  revisions: readonly Revision[],
  workflowStatus: string | undefined,
): HistoryFields {
  const [first, last] = [revisions.at(0), revisions.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('An item has at least one revision.');
  // The status was set by the first of the latest consecutive revisions that have it. Revisions without a status do not
  // interrupt them.
  const withStatus = revisions.filter((revision) => revision.workflowStatus !== undefined);
  const lastOther = withStatus.findLastIndex((revision) => revision.workflowStatus !== workflowStatus);
  const setBy = withStatus.at(lastOther + 1);
  return {
    ...(first.authoredAt !== undefined && { createdAt: first.authoredAt }),
    createdBy: first.author,
    ...(last.authoredAt !== undefined && { updatedAt: last.authoredAt }),
    updatedBy: last.author,
    ...(setBy?.authoredAt !== undefined && { workflowStatusSetAt: setBy.authoredAt }),
    revisionCount: revisions.length,
  };
}
