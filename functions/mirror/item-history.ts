/** One commit of item.json in the history of the followed branch. */
export interface Revision {
  sha: string;
  /** ISO 8601, UTC. */
  authoredAt: string;
  author: string;
  /** Absent where the file of then does not say. */
  workflowStatus?: string;
}

/** What the mirror's row says that follows from the item's history. */
export interface HistoryFields {
  createdAt: string;
  createdBy: string;
  updatedAt: string;
  updatedBy: string;
  /** Since when the item has had its workflow status; absent where it has none, or no revision carries it. */
  workflowStatusSetAt?: string;
  revisionCount: number;
}

/**
 * @param revisions complete, the oldest first.
 * @param workflowStatus the item's present one.
 * @throws RangeError where there is no revision.
 */
export function historyFields(
  revisions: readonly Revision[],
  workflowStatus: string | undefined,
): HistoryFields {
  const [first, last] = [revisions.at(0), revisions.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('An item has at least one revision.');
  const since = setAt(revisions, workflowStatus);
  return {
    createdAt: first.authoredAt,
    createdBy: first.author,
    updatedAt: last.authoredAt,
    updatedBy: last.author,
    ...(since !== undefined && { workflowStatusSetAt: since }),
    revisionCount: revisions.length,
  };
}

/** When the latest unbroken row of revisions with this status began. Those that do not say do not break it. */
function setAt(revisions: readonly Revision[], status: string | undefined): string | undefined {
  const known = revisions.filter(({ workflowStatus }) => workflowStatus !== undefined);
  const lastOther = known.findLastIndex(({ workflowStatus }) => workflowStatus !== status);
  return known.at(lastOther + 1)?.authoredAt;
}
