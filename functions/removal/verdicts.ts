import pMap from 'p-map';
import { type BatchWork, readBatch, recordVerdicts, type Verdict } from '../executions/batch.ts';
import { type FoundRepository, findRepository } from '../github/find-repository.ts';
import type { GitHubContext } from '../github/github.ts';
import { pauseBeforeRetry } from '../github/unauthorized.ts';
import { readMirror } from '../mirror/read-mirror.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { type Deferral, deferralOf } from '../shared/deferral.ts';
import { REQUESTS_PER_WORKER } from '../synchronization/run-items.ts';
import type { Step } from '../synchronization/run-step.ts';
import type { RemovalDependencies } from './candidates.ts';
import type { Removal } from './removal-rows.ts';

/** A batch of candidates, with GitHub's answer for each of them in `work.verdicts`. */
export interface CandidateBatch {
  batch: number;
  work: BatchWork;
}

/**
 * Asks GitHub for each candidate by its id, and stores the answers. Those that GitHub does not find are asked for twice,
 * because a single 404 may be a mistake. Answers that are stored already are not asked for again.
 * @returns the batches, or why some candidates could not be asked for yet.
 */
export async function collectVerdicts(
  dependencies: RemovalDependencies,
  step: Step,
  { batches }: Removal,
): Promise<{ batches: CandidateBatch[]; deferral?: Deferral | undefined }> {
  const collected: CandidateBatch[] = [];
  for (const batch of batches) {
    const work = await readBatch(dependencies.executionsTable, step.jobExecutionId, batch);
    const deferral = await collectBatch(dependencies, step, { batch, work });
    if (deferral) return { batches: [], deferral };
    collected.push({ batch, work });
  }
  return { batches: collected };
}

async function collectBatch(
  { executionsTable, itemsTable, ignored, organization, now, random }: RemovalDependencies,
  { jobExecutionId: id, connect, stop }: Step,
  { batch, work: { repositories, verdicts } }: CandidateBatch,
): Promise<Deferral | undefined> {
  const open = repositories.filter(({ itemBankId }) => !verdicts[itemBankId]);
  if (open.length === 0) return undefined;
  const rows = await readMirror(
    itemsTable,
    open.map(({ itemBankId }) => itemBankId),
  );
  const { github } = await connect();
  const context: GitHubContext = { github, organization, now, random };
  let deferral: Deferral | undefined;
  const found = new Map<ItemBankId, FoundRepository>();
  const ask = async ({ itemBankId }: ListedRepository): Promise<void> => {
    deferral ??= stop();
    if (deferral) return;
    try {
      found.set(itemBankId, await findRepository(context, itemBankId));
    } catch (error) {
      deferral = deferralOf(error);
    }
  };
  await pMap(open, ask, { concurrency: REQUESTS_PER_WORKER });
  const missing = open.filter(({ itemBankId }) => found.get(itemBankId)?.kind === 'gone');
  for (const { itemBankId } of missing) found.delete(itemBankId);
  if (missing.length > 0 && !deferral) await pauseBeforeRetry(github);
  await pMap(missing, ask, { concurrency: REQUESTS_PER_WORKER });
  for (const [itemBankId, each] of found) {
    const verdict = verdictOn(each, ignored);
    const version = rows.get(itemBankId)?.version;
    const isBound = verdict.kind === 'remove' && version !== undefined;
    verdicts[itemBankId] = isBound ? { ...verdict, version } : verdict;
  }
  await recordVerdicts(executionsTable, { id, batch }, verdicts);
  return deferral;
}

function verdictOn(found: FoundRepository, ignored: ReadonlySet<string>): Verdict {
  switch (found.kind) {
    case 'gone':
      return { kind: 'remove', reason: 'DELETED' };
    case 'transferred':
      return { kind: 'remove', reason: 'TRANSFERRED' };
    case 'in-bank':
      return ignored.has(found.repository.repositoryName)
        ? { kind: 'remove', reason: 'IGNORED' }
        : { kind: 'keep', repository: found.repository };
    case 'failed':
      return found;
  }
}
