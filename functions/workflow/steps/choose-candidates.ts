import type { RemovalStop } from '../../executions/exit.ts';
import { type Listing, listedIds } from '../../executions/listing.ts';
import { type Removal, writeRemoval } from '../../executions/removal.ts';
import { seesAllRepositories } from '../../item-bank/find-repository.ts';
import { mirroredIds, readMirror } from '../../items/read-mirror.ts';
import type { ItemBankId, JobExecutionId, ListedRepository } from '../../vocabulary.ts';
import type { ItemDependencies } from './bring-up-to-date.ts';
import * as story from './story.ts';

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
  const { table, items, log } = dependencies;
  const stop = await whyNot(dependencies, listing);
  const record = { id: jobExecutionId, listing };
  if (stop) return writeRemoval(dependencies, record, { candidates: [], mirrored: 0, stop });
  const listed = await listedIds(table, jobExecutionId, listing);
  const unlisted: ItemBankId[] = [];
  let mirrored = 0;
  for await (const id of mirroredIds(items)) {
    mirrored += 1;
    if (!listed.has(id)) unlisted.push(id);
  }
  const rows = await readMirror(items, unlisted);
  const candidates = [...rows.values()].map(
    ({ itemBankId, nodeId, repositoryName, archived }): ListedRepository => ({
      itemBankId,
      nodeId,
      name: repositoryName,
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
  if (!complete) return { why: 'INCOMPLETE_LISTING' };
  if (!dependencies.removalEnabled) return { why: 'DISABLED' };
  const { github } = await dependencies.connect();
  const seesAll = await seesAllRepositories({ ...dependencies, github }, announced);
  return seesAll ? undefined : { why: 'NOT_ALL_VISIBLE' };
}
