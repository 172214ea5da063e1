import { lastVerifiedAt } from './freshness.ts';
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

/**
 * The view of an item that the API shows: what the bank says, and how fresh that is.
 * @param lastFullRun when the last run began that compared the whole bank, ISO 8601.
 */
export function itemSummary(row: MirrorRow, lastFullRun: string | undefined) {
  const { itemBankId, repositoryName, archived, lastChangedAt, failure, deferredAt } = row;
  const mirrored = isMirrored(row);
  const shown = Object.entries(row).filter(([name]) => !HIDDEN.has(name));
  return {
    itemBankId,
    repository: repositoryName,
    archived,
    /** Whether there has ever been a valid item.json. */
    mirrored,
    item: mirrored ? Object.fromEntries(shown) : null,
    freshness: {
      lastVerifiedAt: lastVerifiedAt(row, lastFullRun) ?? null,
      lastChangedAt: lastChangedAt ?? null,
      /** Since when the mirror could not follow the bank. */
      staleSince: failure?.since ?? null,
      /** When a run last left the item to a later one. */
      deferredAt: deferredAt ?? null,
    },
    lastFailure: failure ?? null,
  };
}

/**
 * The whole item as JSON: its revisions, the oldest first, and item.json as the bank has it. item.json is inserted as
 * text, because parsing would change numbers that JavaScript cannot represent exactly.
 */
export function itemText(
  { item, itemJson = 'null', revisions }: StoredItem,
  lastFullRun: string | undefined,
): string {
  const view = JSON.stringify({ ...itemSummary(item, lastFullRun), revisions });
  return `${view.slice(0, -1)},"itemJson":${itemJson}}`;
}
