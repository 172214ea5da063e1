import type { RemovalStop } from '../executions/exit.ts';
import { type Listing, listedIds } from '../executions/listing.ts';
import { seesAllRepositories } from '../github/find-repository.ts';
import { mirroredIds, readMirror } from '../mirror/read-mirror.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { ItemDependencies } from '../synchronization/bring-up-to-date.ts';
import * as story from '../synchronization/run-log.ts';
import { type Removal, writeRemoval } from './removal-rows.ts';

export type RemovalDependencies = ItemDependencies & {
  /** Names of repositories that hold no item. */
  ignored: ReadonlySet<string>;
  removalEnabled: boolean;
  /** Of the mirror, how much a run may remove unless its caller said otherwise. */
  limitPercent: number;
};

/** The items of the mirror that the listing has not brought, if the listing can be trusted that far. */
export async function chooseCandidates(
  dependencies: RemovalDependencies,
  { jobExecutionId }: { jobExecutionId: JobExecutionId },
  listing: Listing,
): Promise<Removal> {
  const { executionsTable, itemsTable, log } = dependencies;
  const stop = await whyNot(dependencies, listing);
  const record = { id: jobExecutionId, listing };
  if (stop) return writeRemoval(dependencies, record, { candidates: [], mirrored: 0, stop });
  const listed = await listedIds(executionsTable, jobExecutionId, listing);
  const unlisted: ItemBankId[] = [];
  let mirrored = 0;
  for await (const id of mirroredIds(itemsTable)) {
    mirrored += 1;
    if (!listed.has(id)) unlisted.push(id);
  }
  const rows = await readMirror(itemsTable, unlisted);
  const candidates = [...rows.values()].map(
    ({ itemBankId, nodeId, repositoryName, archived }): ListedRepository => ({
      itemBankId,
      nodeId,
      repositoryName: repositoryName,
      archived,
    }),
  );
  if (candidates.length > 0) story.candidates(log, candidates.length, mirrored);
  return writeRemoval(dependencies, record, { candidates, mirrored });
}

async function whyNot(
  dependencies: RemovalDependencies,
  { complete, announced }: Listing,
): Promise<RemovalStop | undefined> {
  if (!complete) return { reason: 'INCOMPLETE_LISTING' };
  if (!dependencies.removalEnabled) return { reason: 'DISABLED' };
  const { github } = await dependencies.connect();
  const seesAll = await seesAllRepositories({ ...dependencies, github }, announced);
  return seesAll ? undefined : { reason: 'NOT_ALL_VISIBLE' };
}
