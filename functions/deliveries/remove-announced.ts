import { countDeliveryRemoval } from '../executions/delivery-removals.ts';
import type { GitHubContext } from '../github/github.ts';
import { checkVisibility, type Visibility } from '../github/visibility.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import type { Table } from '../shared/dynamodb.ts';
import { isSyncError, type SyncError } from '../shared/errors.ts';
import type { Log } from '../shared/logger.ts';
import * as runLog from '../synchronization/run-log.ts';
import type { Fate } from './fate.ts';
import type { Task } from './wanted-repositories.ts';

export interface RemovalRules {
  executionsTable: Table;
  log: Log;
  removalEnabled: boolean;
  /** Share of the bank that deliveries may remove between two full runs. */
  limitPercent: number;
}

type AnnouncedRemoval = Extract<Task, { kind: 'remove' }>;

interface Removing {
  github: GitHubContext & { stop: () => Deferral | undefined };
  mirror: Mirror;
}

/**
 * Removes the items of repositories that GitHub announced as deleted or transferred, and confirmed as such when asked.
 * The other rules are those of a run: see docs/decisions/0024. What they do not allow is left to the next full run.
 * @returns the fate of each item, or of a part of them and why the others must wait.
 * @throws SyncError `GitHubCredentialsRejected`; what DynamoDB throws.
 */
export async function removeAnnounced(
  rules: RemovalRules,
  { github, mirror }: Removing,
  removals: readonly AnnouncedRemoval[],
): Promise<{ fates: Map<ItemBankId, Fate>; deferral: Deferral | undefined }> {
  const fates = new Map<ItemBankId, Fate>();
  let visibility: Promise<Visibility> | undefined;
  const askOnce = (): Promise<Visibility> => {
    visibility ??= checkVisibility(github);
    return visibility;
  };
  for (const removal of removals) {
    const deferral = github.stop();
    if (deferral) return { fates, deferral };
    const { itemBankId } = removal.item;
    try {
      const isDone = await remove(rules, { mirror, askOnce }, removal);
      const conflict = { kind: 'failed', message: 'another writer changed the item' } as const;
      fates.set(itemBankId, isDone ? { kind: 'done' } : conflict);
    } catch (error) {
      if (!isAboutOrganization(error)) return { fates, deferral: deferralOf(error) };
      fates.set(itemBankId, { kind: 'failed', message: error.message });
    }
  }
  return { fates, deferral: undefined };
}

/** What GitHub refuses about the organization concerns removals only. */
const isAboutOrganization = (error: unknown): error is SyncError =>
  (['OrganizationNotFound', 'GitHubRefused', 'GitHubRedirected', 'GitHubUnavailable'] as const).some((name) =>
    isSyncError(error, name),
  );

/** @returns whether the removal is done or left; false if another writer came in between. */
async function remove(
  { executionsTable, log, removalEnabled, limitPercent }: RemovalRules,
  { mirror, askOnce }: { mirror: Mirror; askOnce: () => Promise<Visibility> },
  { item, reason }: AnnouncedRemoval,
): Promise<boolean> {
  const { itemBankId, repositoryName } = item;
  if (!removalEnabled) return true;
  const leave = (why: string): true => {
    log.warn(
      `left the removal of item bank id ${itemBankId} (${repositoryName}) to the next full run: ${why}`,
    );
    return true;
  };
  const visibility = await askOnce();
  if (visibility !== 'all') return leave(HIDDEN[visibility]);
  const { isDryRun } = mirror;
  if (!isDryRun && !(await countDeliveryRemoval(executionsTable, { limitPercent }))) {
    const limit = `${limitPercent} percent of the bank as last listed, rounded down`;
    return leave(`deliveries may remove no more items before the next full run (limit: ${limit})`);
  }
  if (!(await mirror.remove(item, reason))) return false;
  runLog.itemRemoved(log, { itemBankId, repositoryName, reason, dryRun: isDryRun });
  return true;
}

const HIDDEN: Record<Exclude<Visibility, 'all'>, string> = {
  'not-all': 'the token does not see every repository of the organization',
  unknown: 'the token may not see every repository of the organization',
};
