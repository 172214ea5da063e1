import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { KnownWebhook } from '../shared/contract/webhooks.ts';
import { type Table, type TransactionAction, transact } from '../shared/dynamodb.ts';
import { isAsRead, updateOf } from './item-update.ts';
import { ITEM_KEYS, isMirrored, type MirrorRow, nextVersion, repositoryFacts } from './mirror-rows.ts';
import type { ItemPlan } from './plan-item.ts';
import { deleteChange, inTransactions, putChange } from './row-changes.ts';

/** When a row is written, by which run, and what else it is to say. */
export interface WriteContext {
  now: Date;
  jobExecutionId?: JobExecutionId | undefined;
  /** What is known of the project webhook now; where nothing new is, the row keeps what it says of it. */
  webhook?: KnownWebhook | undefined;
}

/**
 * Carries a plan out, on condition that ITEM is still as it was read. One transaction does as a rule. Where more rows
 * change than it takes, ITEM is marked incomplete by those before the last, so that a write that ends between them is
 * done anew whatever the bank says.
 * @returns ITEM as it is now; undefined when another writer came in between.
 */
export async function writeItem(
  itemsTable: Table,
  plan: ItemPlan,
  context: WriteContext,
): Promise<MirrorRow | undefined> {
  const groups = inTransactions([
    ...plan.revisionsToPut.map((row) => putChange(itemsTable, row)),
    ...plan.revisionsToDelete.map((row) => deleteChange(itemsTable, row)),
  ]);
  const last = groups.pop() ?? [];
  let version = plan.before?.version;
  for (const group of groups) {
    const broken = await transact(itemsTable, [beginChange(itemsTable, plan, version), ...group]);
    if (broken) return undefined;
    version = nextVersion(version);
  }
  const row = rowAfter(plan, context, nextVersion(version));
  const broken = await transact(itemsTable, [
    {
      Put: {
        TableName: itemsTable.name,
        Item: { ...ITEM_KEYS.item(row.itemBankId), ...row },
        ...isAsRead(version),
      },
    },
    { Put: { TableName: itemsTable.name, Item: { ...plan.itemJson } } },
    ...last,
  ]);
  return broken ? undefined : row;
}

function beginChange(
  itemsTable: Table,
  { before, item }: ItemPlan,
  version: number | undefined,
): TransactionAction {
  const set = { ...repositoryFacts(before, item), version: nextVersion(version), incomplete: true } as const;
  return { Update: updateOf(itemsTable, { itemBankId: item.itemBankId, version, set }) };
}

function rowAfter({ before, outcome, item }: ItemPlan, context: WriteContext, version: number): MirrorRow {
  const now = context.now.toISOString();
  const webhook = context.webhook ?? before?.webhook;
  // Whoever has not been told that the item exists is not told of a change to it.
  const isUnknown = !before || !isMirrored(before) || before.unannounced === 'ItemCreated';
  return {
    ...item,
    version,
    change: outcome,
    lastChangedAt: now,
    lastVerifiedAt: now,
    ...(context.jobExecutionId !== undefined && { changedBy: context.jobExecutionId }),
    unannounced: isUnknown ? 'ItemCreated' : 'ItemUpdated',
    ...(webhook && { webhook }),
  };
}
