import pMap from 'p-map';
import { type BatchWork, readBatch, recordResults, type Verdict } from '../executions/batch.ts';
import type { RemovalStop } from '../executions/exit.ts';
import { type ItemResult, uncheckedResult } from '../executions/item-result.ts';
import { type Mirror, openMirror } from '../mirror/mirror.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { Deferral } from '../shared/deferral.ts';
import { REQUESTS_PER_WORKER, synchronizeRunItems } from '../synchronization/run-items.ts';
import * as runLog from '../synchronization/run-log.ts';
import type { Step } from '../synchronization/run-step.ts';
import { CONFLICT } from '../synchronization/synchronization.ts';
import type { RemovalDependencies } from './candidates.ts';
import { type Removal, recordStop } from './removal-rows.ts';
import type { CandidateBatch } from './verdicts.ts';

// Results are lost only to another invocation of the same batch, which then has recorded its own.
const MAX_ATTEMPTS = 3;

/**
 * Removes the candidates that are gone, if that is not more than the limit allows, and synchronizes those that exist
 * after all.
 * @returns why some are left.
 */
export async function removeCandidates(
  dependencies: RemovalDependencies,
  step: Step,
  { removal: { mirrored }, batches }: { removal: Removal; batches: readonly CandidateBatch[] },
): Promise<Deferral | undefined> {
  const { executionsTable, log, limitPercent } = dependencies;
  const verdicts = batches.flatMap(({ work }) => Object.values(work.verdicts));
  const removable = verdicts.filter(({ kind }) => kind === 'remove').length;
  const limit = step.options.removalLimitPercent ?? limitPercent;
  const stop = limitStop({ removable, mirrored, limitPercent: limit });
  if (stop) {
    log.warn(`removed nothing: ${removable} of ${mirrored} items exceed the removal limit`);
    await recordStop(executionsTable, step.jobExecutionId, stop);
  }
  for (const { batch, work } of batches) {
    const deferral =
      step.stop() ?? (await handleBatch(dependencies, step, { batch, work, isStopped: stop !== undefined }));
    if (deferral) return deferral;
  }
  return undefined;
}

/** Removing more than the limit looks like a fault rather than like somebody's work. */
export function limitStop({
  removable,
  mirrored,
  limitPercent,
}: {
  removable: number;
  mirrored: number;
  limitPercent: number;
}): RemovalStop | undefined {
  if (removable * 100 <= mirrored * limitPercent) return undefined;
  return { reason: 'LIMIT', removable, mirrored, limitPercent };
}

async function handleBatch(
  dependencies: RemovalDependencies,
  step: Step,
  { batch, work: first, isStopped }: CandidateBatch & { isStopped: boolean },
): Promise<Deferral | undefined> {
  const { executionsTable, now } = dependencies;
  const { jobExecutionId: id } = step;
  let work = first;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const { results, deferral, failure } = await handleCandidates(dependencies, step, { work, isStopped });
    // Also before a failure ends the step: nobody could find out later that this run has removed an item.
    const recorded = await recordResults(dependencies, { id, batch, work }, results);
    if (failure) throw failure.error;
    if (recorded) return deferral;
    work = await readBatch(executionsTable, id, batch);
  }
  return { kind: 'out-of-time', resumeAt: now(), message: 'another invocation handles the same candidates' };
}

interface Handled {
  results: ItemResult[];
  deferral: Deferral | undefined;
  /** What was thrown about one candidate. The others that were begun are finished, and no more are begun. */
  failure: { error: unknown } | undefined;
}

async function handleCandidates(
  dependencies: RemovalDependencies,
  step: Step,
  { work: { remaining, verdicts }, isStopped }: { work: BatchWork; isStopped: boolean },
): Promise<Handled> {
  const { log } = dependencies;
  let failure: Handled['failure'];
  const judged = remaining.flatMap((repository) => {
    const verdict = verdicts[repository.itemBankId];
    return verdict && !(isStopped && verdict.kind === 'remove') ? [{ repository, verdict }] : [];
  });
  const kept = await synchronizeRunItems(dependencies, step, {
    repositories: judged.flatMap(({ verdict }) => (verdict.kind === 'keep' ? [verdict.repository] : [])),
    workers: 1,
    concurrency: REQUESTS_PER_WORKER,
    // No later step of this run creates or repairs webhooks. The next run checks these.
    webhookChecks: 'none',
  });
  const mirror = openMirror(dependencies, {
    ...step.options,
    cause: 'run',
    jobExecutionId: step.jobExecutionId,
  });
  const others = await pMap(
    judged,
    async ({ repository, verdict }) => {
      if (failure) return [];
      const result = await carryOut(mirror, repository, verdict).catch((error: unknown) => {
        failure ??= { error };
      });
      if (!result) return [];
      const { outcome, reason } = result;
      const { dryRun } = step.options;
      if (outcome === 'removed' && reason) runLog.itemRemoved(log, { ...repository, reason, dryRun });
      runLog.itemSynchronized(log, result);
      return [result];
    },
    { concurrency: REQUESTS_PER_WORKER },
  );
  return { results: [...kept.results, ...others.flat()], deferral: kept.deferral, failure };
}

/** @returns undefined for a repository that exists, whose item is synchronized instead. */
async function carryOut(
  mirror: Mirror,
  repository: ListedRepository,
  verdict: Verdict,
): Promise<ItemResult | undefined> {
  const result = uncheckedResult(repository);
  switch (verdict.kind) {
    case 'keep':
      return undefined;
    case 'failed':
      return { ...result, outcome: 'failed', ...verdict.failure };
    case 'remove': {
      const { reason, version } = verdict;
      const { itemBankId } = repository;
      if (await mirror.remove({ itemBankId, version }, reason))
        return { ...result, outcome: 'removed', reason };
      return { ...result, outcome: CONFLICT.outcome, ...CONFLICT.failure };
    }
  }
}
