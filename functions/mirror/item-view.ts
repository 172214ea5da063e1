import { BOOKKEEPING, isMirrored, type MirrorRow } from './mirror-rows.ts';
import type { StoredItem } from './read-mirror.ts';

/** What is not said of the item itself, or has a place of its own. */
const HIDDEN = new Set([
  'sk',
  'itemBankId',
  'nodeId',
  'repositoryName',
  'archived',
  'schemaVersion',
  ...BOOKKEEPING,
]);

/** What a reader of the mirror sees of an item: what the bank says, and how fresh that is. */
export function itemSummary(row: MirrorRow) {
  const { itemBankId, repositoryName, archived, lastVerifiedAt, lastChangedAt, failure } = row;
  const mirrored = isMirrored(row);
  return {
    itemBankId,
    repository: repositoryName,
    archived,
    /** Whether there ever was a good item.json. */
    mirrored,
    item: mirrored ? itemOf(row) : null,
    freshness: {
      lastVerifiedAt: lastVerifiedAt ?? null,
      lastChangedAt: lastChangedAt ?? null,
      /** Since when the mirror could not follow the bank. */
      staleSince: failure?.since ?? null,
    },
    lastFailure: failure ?? null,
  };
}

const itemOf = (row: MirrorRow): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !HIDDEN.has(name)));

/**
 * The whole item as JSON: its revisions, the oldest first, and item.json as the bank has it. That is put in as text:
 * parsed and written anew, a number that JavaScript does not hold exactly would be another one.
 */
export function itemText({ item, itemJson = 'null', revisions }: StoredItem): string {
  const view = JSON.stringify({ ...itemSummary(item), revisions });
  return `${view.slice(0, -1)},"itemJson":${itemJson}}`;
}
