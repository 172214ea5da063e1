import { type BatchWork, readBatch, recordResults } from '../executions/batch.ts';
import { type Listing, requireListing } from '../executions/listing.ts';
import { assertHoldsLock } from '../executions/lock.ts';
import { type BatchProgress, processedOf } from '../executions/progress.ts';
import { type Meter, metered } from '../github/metering.ts';
import type { SynchronizeBatchEvent, SynchronizeBatchResult } from '../shared/contract/workflow.ts';
import { entryPoint } from '../shared/middleware.ts';
import {
  bringUpToDate,
  deferredResult,
  type ItemDependencies,
  MOST_PER_WORKER,
  type SettledItems,
} from '../synchronization/bring-up-to-date.ts';
import { deferredUntil, done, resumesWithin } from '../synchronization/deferral.ts';
import * as story from '../synchronization/run-log.ts';
import type { WebhookLooks, WebhookTurns } from '../webhooks/rotation.ts';
import { synchronizeDependencies } from './dependencies.ts';

// GitHub's limit is 100 in flight, REST and GraphQL together; ten are left to others.
const REQUESTS_IN_FLIGHT = 90;

/** Handles what remains of a batch, and records as much as it got done. */
export function synchronizeBatch(
  dependencies: ItemDependencies,
  event: SynchronizeBatchEvent,
): Promise<SynchronizeBatchResult> {
  return synchronizeMetered({ ...dependencies, ...metered(dependencies.connect) }, event);
}

async function synchronizeMetered(
  dependencies: ItemDependencies & Meter,
  event: SynchronizeBatchEvent,
): Promise<SynchronizeBatchResult> {
  const { executionsTable, used } = dependencies;
  const { executionArn, jobExecutionId: id, batch, workers } = event;
  const { dryRun, since } = await assertHoldsLock(executionsTable, executionArn);
  const [listing, work] = await Promise.all([
    requireListing(executionsTable, id),
    readBatch(executionsTable, id, batch),
  ]);
  const settled = await bringUpToDate(
    dependencies,
    { ...event, dryRun },
    {
      repositories: work.remaining,
      workers,
      webhookLooks: looksOf(listing, { batch: work.repositories, since: new Date(since) }),
      inFlight: Math.min(MOST_PER_WORKER, Math.floor(REQUESTS_IN_FLIGHT / workers)),
    },
  );
  const { results, pause } = leaveTheRest(dependencies, event, { work, ...settled });
  const progress = await recordResults(dependencies, { id, batch, work, used: used() }, results);
  // Another invocation of this batch was faster: what is left, if anything, the next reading says.
  if (!progress) return synchronizeMetered(dependencies, event);
  tell(dependencies, event, { listing, work, results, pause });
  return { ...(pause ? deferredUntil(pause) : done(dependencies)), ...summary(progress) };
}

function looksOf({ webhookShare: share }: Listing, turns: Omit<WebhookTurns, 'share'>): WebhookLooks {
  return share < 1 ? { ...turns, share } : 'all';
}

/** What cannot go on before the deadline is left to the next run, by name. */
function leaveTheRest(
  { log }: ItemDependencies,
  { deadline }: SynchronizeBatchEvent,
  { work, results, pause }: SettledItems & { work: BatchWork },
): SettledItems {
  if (!pause || resumesWithin(deadline, pause)) return { results, pause };
  const settled = new Set(results.map(({ itemBankId }) => itemBankId));
  const left = work.remaining.filter(({ itemBankId }) => !settled.has(itemBankId));
  story.waiting(log, deadline, `${pause.why}; ${left.length} item bank ids are left to the next run`);
  return { results: [...results, ...left.map(deferredResult)], pause: undefined };
}

function tell(
  { log }: ItemDependencies,
  { batch }: SynchronizeBatchEvent,
  { listing, work, results, pause }: SettledItems & { listing: Listing; work: BatchWork },
): void {
  if (pause) {
    story.batchPaused(log, work.remaining.length - results.length, pause.resumeAt.toISOString());
  }
  if (results.length === 0) return;
  const { total, batches } = listing;
  story.batchDone(log, { batch, batches: batches.length, processed: results.length, total });
}

function summary({ outcomes, requiringProjectWebhook, failedItemBankIds }: BatchProgress) {
  return {
    processed: processedOf(outcomes),
    requiringProjectWebhook: requiringProjectWebhook.length,
    failedItemBankIds,
  };
}

export const handler = entryPoint(synchronizeDependencies, (dependencies, event: SynchronizeBatchEvent) =>
  synchronizeBatch(dependencies, event),
);
