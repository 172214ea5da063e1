import type { ChangeCause } from '../shared/contract/events.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { type Table, type TransactionAction, transact } from '../shared/dynamodb.ts';
import { conditionOnVersion, updateItem, updateOf, type WriteContext } from './bookkeeping.ts';
import { ITEM_KEYS, isMirrored, type MirrorRow, repositoryFacts, SCHEMA_VERSION } from './mirror-rows.ts';
import type { ItemPlan, RevisionsPlan } from './plan-item.ts';
import { transactionsOf } from './row-changes.ts';

/**
 * Carries out a plan, on condition that ITEM is still as it was read. One transaction is usually enough. If a change
 * has more rows, the transactions before the last mark ITEM as incomplete. If the writer dies between two of them,
 * the item counts as changed, and the next synchronization writes it whole.
 * @returns ITEM as it is now; undefined if another writer came in between.
 */
export async function writeItem(
  itemsTable: Table,
  plan: ItemPlan,
  context: WriteContext,
): Promise<MirrorRow | undefined> {
  const { before, item } = plan;
  const TableName = itemsTable.name;
  const groups = transactionsOf(itemsTable, { put: plan.revisionsToPut, delete: plan.revisionsToDelete });
  const last = groups.pop() ?? [];
  const written = await writeIncomplete(itemsTable, { before, repository: item }, groups);
  if (!written) return undefined;
  const { version } = written;
  const row = rowAfter(plan, context, (version ?? 0) + 1);
  const Item = { ...ITEM_KEYS.item(row.itemBankId), ...row };
  const broken = await transact(itemsTable, [
    { Put: { TableName, Item, ...conditionOnVersion(version) } },
    { Put: { TableName, Item: plan.itemJson } },
    ...keywordsAction(TableName, plan),
    ...last,
  ]);
  return broken ? undefined : row;
}

/** An item that was never mirrored has no keywords to delete. */
function keywordsAction(
  TableName: string,
  { before, item: { itemBankId }, keywords }: ItemPlan,
): TransactionAction[] {
  if (keywords) return [{ Put: { TableName, Item: keywords } }];
  if (!before || !isMirrored(before)) return [];
  return [{ Delete: { TableName, Key: ITEM_KEYS.keywords(itemBankId) } }];
}

/**
 * Stores revisions of an item that is not complete yet. ITEM is marked as incomplete, and otherwise stays as it is.
 * @returns ITEM as it is now; undefined if another writer came in between.
 */
export async function storeRevisions(
  itemsTable: Table,
  plan: RevisionsPlan,
): Promise<{ row: MirrorRow | undefined } | undefined> {
  const { before, repository } = plan;
  const groups = transactionsOf(itemsTable, { put: plan.revisionsToPut, delete: plan.revisionsToDelete });
  if (groups.length === 0) return { row: before };
  const written = await writeIncomplete(itemsTable, plan, groups);
  if (!written) return undefined;
  const { itemBankId, nodeId, repositoryName, archived } = repository;
  // Says that all stored revisions are of this version, which is true only after the last group.
  const set = {
    version: (written.version ?? 0) + 1,
    incomplete: true as const,
    revisionsSchemaVersion: SCHEMA_VERSION,
  };
  if (!(await updateItem(itemsTable, { itemBankId, version: written.version, set }))) return undefined;
  return { row: { ...(before ?? { itemBankId, nodeId, repositoryName, archived }), ...set } };
}

/**
 * Writes groups of changes. Each group also marks ITEM as incomplete.
 * @returns the version of ITEM; undefined if another writer came in between.
 */
async function writeIncomplete(
  itemsTable: Table,
  { before, repository }: { before: MirrorRow | undefined; repository: ListedRepository },
  groups: readonly TransactionAction[][],
): Promise<{ version: number | undefined } | undefined> {
  let version = before?.version;
  for (const group of groups) {
    const next = (version ?? 0) + 1;
    const set = { ...repositoryFacts(before, repository), version: next, incomplete: true } as const;
    const update = updateOf(itemsTable, { itemBankId: repository.itemBankId, version, set });
    const broken = await transact(itemsTable, [{ Update: update }, ...group]);
    if (broken) return undefined;
    version = next;
  }
  return { version };
}

function rowAfter({ before, outcome, item }: ItemPlan, context: WriteContext, version: number): MirrorRow {
  const now = context.now.toISOString();
  const webhook = context.webhook ?? before?.webhook;
  // If ItemCreated is still unpublished, it is published instead of ItemUpdated.
  const isNew = !before || !isMirrored(before) || before.unpublished === 'ItemCreated';
  return {
    ...item,
    version,
    change: outcome,
    cause: causeOf({ before, outcome }, context),
    lastChangedAt: now,
    lastVerifiedAt: context.readAt.toISOString(),
    ...(context.delivery && { delivery: context.delivery }),
    ...(context.jobExecutionId !== undefined && { changedBy: context.jobExecutionId }),
    unpublished: isNew ? 'ItemCreated' : 'ItemUpdated',
    ...(webhook && { webhook }),
  };
}

/** A change that was not published yet is more than what a new release makes of it. */
function causeOf(
  { before, outcome }: Pick<ItemPlan, 'before' | 'outcome'>,
  { cause }: WriteContext,
): ChangeCause {
  if (outcome !== 'derived') return cause;
  return before?.unpublished ? (before.cause ?? cause) : 'release';
}
