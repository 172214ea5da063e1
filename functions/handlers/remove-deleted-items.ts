import pMap from 'p-map';
import { readBatch, recordResults, type Verdict } from '../executions/batch.ts';
import type { RemovalStop } from '../executions/exit.ts';
import type { ItemResult } from '../executions/item-result.ts';
import { requireListing } from '../executions/listing.ts';
import { assertHoldsLock } from '../executions/lock.ts';
import { openMirror } from '../mirror/mirror.ts';
import { chooseCandidates, type RemovalDependencies } from '../removal/choose-candidates.ts';
import { countRemovable, judgeCandidates } from '../removal/judge-candidates.ts';
import { limitOfRemoval, type Removal, readRemoval, recordStop } from '../removal/removal-rows.ts';
import type { RunOptions } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { DeferrableResult, WorkflowEvent } from '../shared/contract/workflow.ts';
import { entryPoint } from '../shared/middleware.ts';
import { onAccount } from '../synchronization/accounting.ts';
import { bringUpToDate, MOST_PER_WORKER } from '../synchronization/bring-up-to-date.ts';
import { deferredUntil, done, outOfTime, resumesWithin } from '../synchronization/deferral.ts';
import { type Pause, pauseFor } from '../synchronization/pause.ts';
import * as story from '../synchronization/run-log.ts';
import { CONTENDED } from '../synchronization/settle.ts';
import { removalDependencies } from './dependencies.ts';

type RemovalRun = WorkflowEvent & RunOptions;

/**
 * Removes from the mirror what is gone from source control: what a complete listing has not brought, what GitHub
 * says of each of these when asked directly, and all of it only if it is no larger a share of the mirror than the limit.
 */
export async function removeDeletedItems(
  dependencies: RemovalDependencies,
  event: WorkflowEvent,
): Promise<DeferrableResult> {
  const { executionsTable } = dependencies;
  const run: RemovalRun = { ...event, ...(await assertHoldsLock(executionsTable, event.executionArn)) };
  const pause = await onAccount(dependencies, run, (metered) => removeUntilPause(metered, run)).catch(
    pauseFor,
  );
  if (!pause) return done(dependencies);
  story.waiting(dependencies.log, pause.resumeAt.toISOString(), pause.why);
  if (resumesWithin(run.deadline, pause)) return deferredUntil(pause);
  await recordStop(executionsTable, run.jobExecutionId, { reason: 'DEADLINE' });
  return done(dependencies);
}

async function removeUntilPause(
  dependencies: RemovalDependencies,
  run: RemovalRun,
): Promise<Pause | undefined> {
  const { executionsTable } = dependencies;
  const { jobExecutionId: id } = run;
  const listing = await requireListing(executionsTable, id);
  const removal =
    (await readRemoval(executionsTable, id)) ?? (await chooseCandidates(dependencies, run, listing));
  // What the listing has missed is synchronized also where the rest is more than a run may remove.
  if (removal.stop && removal.stop.reason !== 'LIMIT') return undefined;
  return (await judgeCandidates(dependencies, run, removal)) ?? carryOut(dependencies, run, removal);
}

async function carryOut(
  dependencies: RemovalDependencies,
  run: RemovalRun,
  removal: Removal,
): Promise<Pause | undefined> {
  const { executionsTable, log, limitPercent } = dependencies;
  const removable = await countRemovable(executionsTable, run.jobExecutionId, removal);
  const stop: RemovalStop | undefined = limitOfRemoval(
    { removable, mirrored: removal.mirrored },
    run.removalLimitPercent ?? limitPercent,
  );
  if (stop) {
    story.removalStopped(log, removable, removal.mirrored);
    await recordStop(executionsTable, run.jobExecutionId, stop);
  }
  for (const batch of removal.batches) {
    const work = { batch, mayRemove: !stop };
    const pause = outOfTime(dependencies, run.deadline) ?? (await carryOutBatch(dependencies, run, work));
    if (pause) return pause;
  }
  return undefined;
}

async function carryOutBatch(
  dependencies: RemovalDependencies,
  run: RemovalRun,
  { batch, mayRemove }: { batch: number; mayRemove: boolean },
): Promise<Pause | undefined> {
  const { executionsTable, log } = dependencies;
  const { jobExecutionId: id } = run;
  const work = await readBatch(executionsTable, id, batch);
  const { verdicts } = work;
  const judged = work.remaining.flatMap((repository) => {
    const verdict = verdicts[repository.itemBankId];
    return verdict && (mayRemove || verdict.kind !== 'remove') ? [{ repository, verdict }] : [];
  });
  const kept = judged.flatMap(({ verdict }) => (verdict.kind === 'keep' ? [verdict.repository] : []));
  const { results, pause } = await bringUpToDate(dependencies, run, {
    repositories: kept,
    workers: 1,
    inFlight: MOST_PER_WORKER,
    // Nothing creates or repairs webhooks any more: the next run looks at them.
    webhookLooks: 'none',
  });
  const others = await pMap(
    judged.filter(({ verdict }) => verdict.kind !== 'keep'),
    (candidate) => resultOf(dependencies, run, candidate),
    { concurrency: MOST_PER_WORKER },
  );
  for (const result of others.flat()) story.settled(log, result);
  const recorded = await recordResults(dependencies, { id, batch, work }, [...results, ...others.flat()]);
  // Another invocation was faster: what is left, if anything, the next reading says.
  return recorded ? pause : carryOutBatch(dependencies, run, { batch, mayRemove });
}

async function resultOf(
  dependencies: RemovalDependencies,
  run: RemovalRun,
  { repository, verdict }: { repository: ListedRepository; verdict: Verdict },
): Promise<ItemResult[]> {
  const result = {
    itemBankId: repository.itemBankId,
    repositoryName: repository.repositoryName,
    webhookFound: 'unchecked',
    durationMs: 0,
  } as const;
  switch (verdict.kind) {
    case 'keep':
      return [];
    case 'failed':
      return [{ ...result, outcome: 'failed', ...verdict.failure }];
    case 'remove': {
      const removed = await openMirror(dependencies, run).remove(repository.itemBankId, verdict.reason);
      if (!removed) return [{ ...result, ...CONTENDED }];
      story.removed(dependencies.log, repository, { ...run, ...verdict });
      return [{ ...result, outcome: 'removed', reason: verdict.reason }];
    }
  }
}

export const handler = entryPoint(removalDependencies, (dependencies, event: WorkflowEvent) =>
  removeDeletedItems(dependencies, event),
);
