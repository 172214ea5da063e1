import { type Table, transact } from '../shared/dynamodb.ts';
import { conditionOnVersion, updateOf, type WriteContext } from './bookkeeping.ts';
import { ITEM_KEYS, isMirrored, type MirrorRow, repositoryFacts } from './mirror-rows.ts';
import type { ItemPlan } from './plan-item.ts';
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
  let version = before?.version;
  for (const group of groups) {
    const next = (version ?? 0) + 1;
    const set = { ...repositoryFacts(before, item), version: next, incomplete: true } as const;
    const update = updateOf(itemsTable, { itemBankId: item.itemBankId, version, set });
    const broken = await transact(itemsTable, [{ Update: update }, ...group]);
    if (broken) return undefined;
    version = next;
  }
  const row = rowAfter(plan, context, (version ?? 0) + 1);
  const Item = { ...ITEM_KEYS.item(row.itemBankId), ...row };
  const broken = await transact(itemsTable, [
    { Put: { TableName, Item, ...conditionOnVersion(version) } },
    { Put: { TableName, Item: plan.itemJson } },
    ...last,
  ]);
  return broken ? undefined : row;
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
    lastChangedAt: now,
    lastVerifiedAt: now,
    ...(context.jobExecutionId !== undefined && { changedBy: context.jobExecutionId }),
    unpublished: isNew ? 'ItemCreated' : 'ItemUpdated',
    ...(webhook && { webhook }),
  };
}
