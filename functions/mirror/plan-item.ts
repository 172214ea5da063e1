import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { Failure, Reason } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { ItemFields } from './item-fields.ts';
import { historyFields, type Revision } from './item-history.ts';
import type { Keywords } from './keywords.ts';
import {
  areStatusesKnown,
  ITEM_KEYS,
  type ItemAttributes,
  type ItemJsonRow,
  type ItemKey,
  isMirrored,
  type KeywordsRow,
  type MirrorRow,
  type RevisionRow,
  SCHEMA_VERSION,
  type SeenRepository,
  type StoredRevision,
} from './mirror-rows.ts';
import { rowBytes } from './row-changes.ts';

/** An item as the bank has it. */
export interface BankItem extends SeenRepository {
  fields: ItemFields;
  keywords: Keywords;
  /** The text of the file. */
  itemJson: string;
  /** Complete, the oldest first. */
  revisions: readonly Revision[];
}

/** The writes that make an item's rows what the bank says. */
export interface ItemPlan {
  kind: 'planned';
  outcome: 'created' | 'updated' | 'derived';
  /** ITEM as it was read. */
  before: MirrorRow | undefined;
  item: ItemAttributes;
  itemJson: ItemJsonRow;
  /** Undefined if the item has none. */
  keywords: KeywordsRow | undefined;
  revisionsToPut: RevisionRow[];
  revisionsToDelete: ItemKey[];
}

/** The writes that store a part of an item's history. */
export interface RevisionsPlan {
  /** ITEM as it was read. */
  before: MirrorRow | undefined;
  repository: ListedRepository;
  revisionsToPut: RevisionRow[];
  revisionsToDelete: ItemKey[];
}

export interface PlanRequest {
  before: MirrorRow | undefined;
  /** Read after `before`, so that carrying out the plan fails if another writer came in between. */
  stored: readonly StoredRevision[];
  bank: BankItem;
}

const COMPARED = [
  'nodeId',
  'repositoryName',
  'archived',
  'branch',
  'isBeingCreated',
  'headCommit',
  'blobOid',
] as const satisfies (keyof SeenRepository)[];

// DynamoDB's limit for a row is 400 KB. The rest is for bookkeeping.
const MAX_ROW_BYTES = 350_000;

/** Whether the mirror already shows what was seen. An earlier failure does not matter, because the item is good now. */
export function isUnchanged(row: MirrorRow, seen: SeenRepository): boolean {
  if (row.incomplete || row.removal || row.schemaVersion !== SCHEMA_VERSION) return false;
  return COMPARED.every((attribute) => row[attribute] === seen[attribute]);
}

/** Plans what to write. An item that the mirror cannot hold is a failure with a reason. */
export function planItem({ before, stored, bank }: PlanRequest): ItemPlan | PlanFailure {
  const { fields, keywords, itemJson, revisions, ...seen } = bank;
  const { itemBankId, blobOid } = seen;
  // A file in a repository has been committed. One bad answer of GitHub must not stop the other items.
  if (revisions.length === 0) return failed('GITHUB_ERROR', 'item.json has no commit in its history');
  const wanted = revisionRows(itemBankId, revisions);
  const wantedKeys = new Set(wanted.map(({ sk }) => sk));
  const plan: ItemPlan = {
    kind: 'planned',
    outcome: changeOf(before, seen),
    before,
    item: {
      ...seen,
      ...fields,
      ...historyFields(revisions, fields),
      schemaVersion: SCHEMA_VERSION,
    },
    itemJson: { ...ITEM_KEYS.itemJson(itemBankId), blobOid, gzip: gzipSync(itemJson) },
    keywords: keywordsRow(seen, keywords),
    revisionsToPut: notStored(wanted, stored),
    revisionsToDelete: stored.filter(({ sk }) => !wantedKeys.has(sk)),
  };
  const { item, itemJson: text, keywords: searched } = plan;
  const rows: object[] = [item, text, ...(searched ? [searched] : []), ...plan.revisionsToPut];
  const largest = rows.reduce((most, row) => Math.max(most, rowBytes(row)), 0);
  if (largest <= MAX_ROW_BYTES) return plan;
  return failed(
    'ITEM_JSON_TOO_LARGE',
    `a row of the mirror would have ${largest} bytes, more than ${MAX_ROW_BYTES}`,
  );
}

/**
 * An item is only derived if it would have counted as unchanged for the release that wrote it. `isBeingCreated` is not
 * compared, because a release can also decide differently whether the same commit is of an item being created.
 */
function changeOf(before: MirrorRow | undefined, seen: SeenRepository): ItemPlan['outcome'] {
  if (!before || !isMirrored(before)) return 'created';
  const isSame = COMPARED.every((name) => name === 'isBeingCreated' || before[name] === seen[name]);
  return isSame && !before.incomplete && before.schemaVersion !== SCHEMA_VERSION ? 'derived' : 'updated';
}

function keywordsRow(
  { itemBankId, blobOid }: SeenRepository,
  { keywords, omitted }: Keywords,
): KeywordsRow | undefined {
  if (keywords.length + omitted === 0) return undefined;
  return { ...ITEM_KEYS.keywords(itemBankId), blobOid, keywords, ...(omitted > 0 && { omitted }) };
}

/**
 * Plans to store those revisions of an unfinished item that are known, so that they need not be read again. Revisions
 * whose workflow status an earlier release read differently are deleted, because they look the same as these.
 * @param revisions one for each commit, the oldest first; undefined if it is not known.
 */
export function planRevisions({
  before,
  stored,
  repository,
  revisions,
}: Pick<PlanRequest, 'before' | 'stored'> & {
  repository: ListedRepository;
  revisions: readonly (Revision | undefined)[];
}): RevisionsPlan {
  const known = revisionRows(repository.itemBankId, revisions);
  // One that is too large to be stored fails the item once the item is complete.
  const storable = known.filter((row) => rowBytes(row) <= MAX_ROW_BYTES);
  const keys = new Set(storable.map(({ sk }) => sk));
  const areUsable = before !== undefined && areStatusesKnown(before);
  return {
    before,
    repository,
    revisionsToPut: notStored(storable, stored),
    revisionsToDelete: areUsable ? [] : stored.filter(({ sk }) => !keys.has(sk)),
  };
}

function revisionRows(itemBankId: ItemBankId, revisions: readonly (Revision | undefined)[]): RevisionRow[] {
  return revisions.flatMap((revision, index) =>
    revision ? [{ ...ITEM_KEYS.revision(itemBankId, index + 1, revision.sha), ...revision }] : [],
  );
}

function notStored(rows: readonly RevisionRow[], stored: readonly StoredRevision[]): RevisionRow[] {
  const storedByKey = new Map(stored.map((row) => [row.sk, row]));
  return rows.filter((row) => !isDeepStrictEqual(storedByKey.get(row.sk), row));
}

type PlanFailure = { kind: 'failed'; failure: Failure };

function failed(reason: Reason, message: string): PlanFailure {
  return { kind: 'failed', failure: { reason, message } };
}
