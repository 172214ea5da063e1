import type { RemovalStop } from '../executions/exit.ts';
import { type Listing, listedIds } from '../executions/listing.ts';
import { checkVisibility } from '../github/visibility.ts';
import { recordDeferrals } from '../mirror/bookkeeping.ts';
import { mirroredIds, readMirror } from '../mirror/read-mirror.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { ItemStepDependencies } from '../synchronization/run-items.ts';
import type { Step } from '../synchronization/run-step.ts';
import { type Removal, writeRemoval } from './removal-rows.ts';

export interface RemovalDependencies extends ItemStepDependencies {
  /** Names of repositories that hold no item. */
  ignored: ReadonlySet<string>;
  removalEnabled: boolean;
  /** Share of the mirror that a run may remove, 0 to 100, unless its caller chose another. */
  limitPercent: number;
}

/**
 * Chooses the mirrored items that were not listed, and stores them. Stores why nothing may be removed instead, if the
 * listing cannot be trusted that far.
 * @throws DeferredError; SyncError `GitHubUnavailable`, `GitHubCredentialsRejected`, `OrganizationNotFound`.
 */
export async function chooseCandidates(
  dependencies: RemovalDependencies,
  { connect, jobExecutionId: id, options }: Step,
  listing: Listing,
): Promise<Removal> {
  const { executionsTable, itemsTable, log, organization, now, random } = dependencies;
  const stopped = (stop: RemovalStop) =>
    writeRemoval(dependencies, { id, listing }, { candidates: [], mirrored: 0, stop });
  if (!listing.complete) return stopped({ reason: 'INCOMPLETE_LISTING' });
  const listed = await listedIds(executionsTable, id, listing);
  const unlisted: ItemBankId[] = [];
  let mirrored = 0;
  for await (const itemBankId of mirroredIds(itemsTable)) {
    mirrored += 1;
    if (!listed.has(itemBankId)) unlisted.push(itemBankId);
  }
  // Those that stay in the mirror are not compared with the bank. Synchronizing one removes the mark again.
  if (!options.dryRun) await recordDeferrals(dependencies, unlisted);
  if (!dependencies.removalEnabled) return stopped({ reason: 'DISABLED' });
  const rows = await readMirror(itemsTable, unlisted);
  const candidates = [...rows.values()].map(
    ({ itemBankId, nodeId, repositoryName, archived }): ListedRepository => ({
      itemBankId,
      nodeId,
      repositoryName,
      archived,
    }),
  );
  if (candidates.length > 0) {
    log.info(`${candidates.length} of ${mirrored} mirrored items were not listed`);
    const { github } = await connect();
    const visibility = await checkVisibility({ github, organization, now, random });
    if (visibility === 'not-all') return stopped({ reason: 'NOT_ALL_VISIBLE' });
    if (visibility === 'unknown') return stopped({ reason: 'VISIBILITY_UNKNOWN' });
  }
  return writeRemoval(dependencies, { id, listing }, { candidates, mirrored });
}
