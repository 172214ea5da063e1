import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Failure, Reason } from '../shared/contract/job-execution.ts';
import type { ItemFields } from './item-fields.ts';
import { historyFields, type Revision } from './item-history.ts';
import {
  ITEM_KEYS,
  type ItemAttributes,
  type ItemJsonRow,
  isMirrored,
  type MirrorRow,
  type RevisionRow,
  SCHEMA_VERSION,
  type SeenRepository,
} from './mirror-rows.ts';
import { rowBytes } from './row-changes.ts';

/** An item as the bank has it. */
export interface BankItem extends SeenRepository {
  fields: ItemFields;
  /** The text of the file. */
  itemJson: string;
  /** Complete, the oldest first. */
  revisions: readonly Revision[];
}

/** What makes the rows of an item what the bank says. */
export interface ItemPlan {
  kind: 'planned';
  outcome: 'created' | 'updated';
  /** ITEM as it was read. */
  before: MirrorRow | undefined;
  item: ItemAttributes;
  itemJson: ItemJsonRow;
  revisionsToPut: RevisionRow[];
  revisionsToDelete: RevisionRow[];
}

export interface PlanRequest {
  before: MirrorRow | undefined;
  /** Read after `before`, so that a change in between is noticed when the plan is carried out. */
  stored: readonly RevisionRow[];
  bank: BankItem;
}

const SEEN = [
  'nodeId',
  'repositoryName',
  'archived',
  'branch',
  'isBeingCreated',
  'headCommit',
  'blobOid',
] as const satisfies (keyof SeenRepository)[];

// DynamoDB ends a row at 400 KB. The rest is for bookkeeping.
const MOST_ROW_BYTES = 350_000;

/** Whether the mirror already shows what is seen. A failure of before does not matter: the item is good now. */
export function isUnchanged(row: MirrorRow, seen: SeenRepository): boolean {
  if (row.incomplete || row.removal || row.schemaVersion !== SCHEMA_VERSION) return false;
  return SEEN.every((attribute) => row[attribute] === seen[attribute]);
}

type PlanTrouble = { kind: 'trouble' } & Failure;

/** Plans what to write. An item that the mirror cannot hold is an outcome with a reason. */
export function planItem({ before, stored, bank }: PlanRequest): ItemPlan | PlanTrouble {
  const revisions = revisionRows(bank);
  // A file that is there was committed: one bad answer is no reason to stop the others.
  if (revisions.length === 0) return trouble('GITHUB_ERROR', 'item.json has no commit in its history');
  const plan: ItemPlan = {
    kind: 'planned',
    outcome: before && isMirrored(before) ? 'updated' : 'created',
    before,
    item: itemAttributes(bank),
    itemJson: itemJsonRow(bank),
    ...changesOf(stored, revisions),
  };
  const rows = [plan.item, plan.itemJson, ...plan.revisionsToPut];
  const largest = rows.reduce((most, row) => Math.max(most, rowBytes({ ...row })), 0);
  if (largest <= MOST_ROW_BYTES) return plan;
  return trouble(
    'ITEM_JSON_TOO_LARGE',
    `a row of the mirror would have ${largest} bytes, more than ${MOST_ROW_BYTES}`,
  );
}

const trouble = (reason: Reason, message: string): PlanTrouble => ({ kind: 'trouble', reason, message });

function itemAttributes({ fields, itemJson: _, revisions, ...seen }: BankItem): ItemAttributes {
  return {
    ...seen,
    ...fields,
    ...historyFields(revisions, fields.workflowStatus),
    schemaVersion: SCHEMA_VERSION,
  };
}

function itemJsonRow({ itemBankId, blobOid, itemJson }: BankItem): ItemJsonRow {
  return { ...ITEM_KEYS.itemJson(itemBankId), blobOid, gzip: gzipSync(itemJson) };
}

function revisionRows({ itemBankId, revisions }: BankItem): RevisionRow[] {
  return revisions.map(({ sha, authoredAt, author, workflowStatus }, index) => ({
    ...ITEM_KEYS.revision(itemBankId, index + 1, sha),
    sha,
    authoredAt,
    author,
    ...(workflowStatus !== undefined && { workflowStatus }),
  }));
}

function changesOf(
  stored: readonly RevisionRow[],
  wanted: readonly RevisionRow[],
): Pick<ItemPlan, 'revisionsToPut' | 'revisionsToDelete'> {
  const storedByKey = new Map(stored.map((row) => [row.sk, row]));
  const wantedKeys = new Set(wanted.map(({ sk }) => sk));
  return {
    revisionsToPut: wanted.filter((row) => !isDeepStrictEqual(storedByKey.get(row.sk), row)),
    revisionsToDelete: stored.filter(({ sk }) => !wantedKeys.has(sk)),
  };
}
