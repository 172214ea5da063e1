import { lastVerifiedAt } from './freshness.ts';
import type { ItemLinks } from './item-links.ts';
import { BOOKKEEPING, isMirrored, type MirrorRow } from './mirror-rows.ts';
import type { StoredItem } from './read-mirror.ts';

/** Attributes of ITEM that do not describe the item itself, or that the view shows elsewhere. */
const HIDDEN = new Set([
  'sk',
  'itemBankId',
  'nodeId',
  'repositoryName',
  'archived',
  'schemaVersion',
  ...BOOKKEEPING,
]);

/** When a view is made. */
export interface ViewTime {
  now: Date;
  /** When the last run began that compared the whole bank, ISO 8601. */
  lastFullRun: string | undefined;
}

/** The view of an item that the API shows: what the bank says, and how fresh that is. */
export function itemSummary(row: MirrorRow, { now, lastFullRun }: ViewTime) {
  const { itemBankId, repositoryName, archived, lastChangedAt, failure, deferredAt } = row;
  const mirrored = isMirrored(row);
  const shown = Object.entries(row).filter(([name]) => !HIDDEN.has(name));
  return {
    itemBankId,
    repository: repositoryName,
    archived,
    /** Whether there has ever been a valid item.json. */
    mirrored,
    item: mirrored ? { ...Object.fromEntries(shown), ...daysInWorkflowStatus(row, now) } : null,
    freshness: {
      lastVerifiedAt: lastVerifiedAt(row, lastFullRun) ?? null,
      lastChangedAt: lastChangedAt ?? null,
      /** Since when the mirror could not follow the bank. */
      staleSince: failure?.since ?? null,
      /** Since when runs have left the item to later ones. */
      deferredAt: deferredAt ?? null,
    },
    lastFailure: failure ?? null,
  };
}

const DAY_MS = 24 * 3_600_000;

/** Calendar days in UTC since the item has had its workflow status. They grow at midnight, so they are not stored. */
function daysInWorkflowStatus({ workflowStatusSetAt }: MirrorRow, now: Date) {
  if (workflowStatusSetAt === undefined) return {};
  const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);
  return { daysInWorkflowStatus: dayOf(now.getTime()) - dayOf(Date.parse(workflowStatusSetAt)) };
}

/**
 * The whole item as JSON: its keywords, its revisions, the oldest first, and item.json as the bank has it. item.json is
 * inserted as text, because parsing would change numbers that JavaScript cannot represent exactly.
 */
export function itemText(stored: StoredItem, links: ItemLinks, time: ViewTime): string {
  const { item, itemJson = 'null', keywords, omittedKeywords, revisions } = stored;
  const { branch } = item;
  const summary = itemSummary(item, time);
  const view = JSON.stringify({
    ...summary,
    item: summary.item && { ...summary.item, ...links },
    ...(keywords && { keywords }),
    ...(omittedKeywords > 0 && { omittedKeywords }),
    // All revisions are those of the followed branch.
    revisions: revisions.map((revision) => ({ ...revision, ...(branch !== undefined && { branch }) })),
  });
  return `${view.slice(0, -1)},"itemJson":${itemJson}}`;
}
