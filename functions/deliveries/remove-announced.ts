import { countDeliveryRemoval } from '../executions/delivery-removals.ts';
import type { GitHubContext } from '../github/github.ts';
import { checkVisibility, type Visibility } from '../github/visibility.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { Table } from '../shared/dynamodb.ts';
import type { Log } from '../shared/logger.ts';
import * as runLog from '../synchronization/run-log.ts';
import type { Task } from './wanted-repositories.ts';

export interface RemovalRules {
  executionsTable: Table;
  log: Log;
  removalEnabled: boolean;
  /** Share of the bank that deliveries may remove between two full runs. */
  limitPercent: number;
}

type AnnouncedRemoval = Extract<Task, { kind: 'remove' }>;

/**
 * Removes the item of a repository that GitHub announced as deleted or transferred, and confirmed as such when asked.
 * The other rules are those of a run: see docs/decisions/0024. What they do not allow is left to the next full run.
 * @returns whether the removal is done or left; false if another writer came in between.
 * @throws DeferredError; SyncError `GitHubUnavailable`, `GitHubCredentialsRejected`, `OrganizationNotFound`,
 * `GitHubRefused`, `GitHubRedirected`; what DynamoDB throws.
 */
export async function removeAnnounced(
  { executionsTable, log, removalEnabled, limitPercent }: RemovalRules,
  { github, mirror }: { github: GitHubContext; mirror: Mirror },
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
  const visibility = await checkVisibility(github);
  if (visibility !== 'all') return leave(HIDDEN[visibility]);
  const { isDryRun } = mirror;
  if (!isDryRun && !(await countDeliveryRemoval(executionsTable, { limitPercent }))) {
    return leave(`deliveries have removed as many items as ${limitPercent} percent allow`);
  }
  if (!(await mirror.remove(itemBankId, reason))) return false;
  runLog.itemRemoved(log, { itemBankId, repositoryName, reason, dryRun: isDryRun });
  return true;
}

const HIDDEN: Record<Exclude<Visibility, 'all'>, string> = {
  'not-all': 'the token does not see every repository of the organization',
  unknown: 'the token may not see every repository of the organization',
};
