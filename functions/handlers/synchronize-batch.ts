import { mayHaveMessages } from '../deliveries/queue.ts';
import { rememberOfBank } from '../executions/bank-memory.ts';
import { type BatchWork, readBatch, recordResults } from '../executions/batch.ts';
import { type ItemResult, uncheckedResult } from '../executions/item-result.ts';
import { type Listing, requireListing } from '../executions/listing.ts';
import { type BatchProgress, processedOf } from '../executions/progress.ts';
import { recordDeferrals } from '../mirror/bookkeeping.ts';
import { createSqs } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type {
  DeferrableResult,
  SynchronizeBatchEvent,
  SynchronizeBatchResult,
} from '../shared/contract/workflow.ts';
import { entryPoint } from '../shared/middleware.ts';
import {
  ITEM_STEP_SETTINGS,
  type ItemStepDependencies,
  itemStepDependencies,
  REQUESTS_PER_WORKER,
  synchronizeRunItems,
} from '../synchronization/run-items.ts';
import * as runLog from '../synchronization/run-log.ts';
import { runStep, type Step, withinDeadline } from '../synchronization/run-step.ts';
import type { DeliveryKnowledge } from '../webhooks/missed-delivery.ts';
import { readKnownWebhook } from '../webhooks/webhook-rows.ts';

// GitHub allows 100 requests in flight, REST and GraphQL together. Ten are left to others.
const REQUESTS_IN_FLIGHT = 90;
// Results are lost only to another invocation of the same batch, which then has recorded its own.
const MAX_ATTEMPTS = 3;

export interface BatchStepDependencies extends ItemStepDependencies {
  /** Whether deliveries of GitHub wait to be handled, or may wait. */
  deliveriesMayBePending: () => Promise<boolean>;
}

/**
 * Synchronizes the remaining item bank ids of a batch, and records as many results as there are. What cannot be done
 * before the run's deadline is recorded as deferred.
 */
export function synchronizeBatch(
  dependencies: BatchStepDependencies,
  event: SynchronizeBatchEvent,
): Promise<SynchronizeBatchResult> {
  const { executionsTable, now } = dependencies;
  const { jobExecutionId, batch } = event;
  return runStep<Omit<SynchronizeBatchResult, keyof DeferrableResult>>(dependencies, event, {
    stopped: { processed: 0, requiringProjectWebhook: 0, failedItemBankIds: [] },
    work: async (step) => {
      const [listing, deliveries] = await Promise.all([
        requireListing(executionsTable, jobExecutionId),
        knowledgeOfDeliveries(dependencies, step),
      ]);
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const work = await readBatch(executionsTable, jobExecutionId, batch);
        const recorded = await synchronizeRemaining(
          dependencies,
          { ...step, ...event },
          { listing, work, deliveries },
        );
        if (recorded) return recorded;
      }
      const { progress } = await readBatch(executionsTable, jobExecutionId, batch);
      const message = 'another invocation handles the same batch';
      return { ...summaryOf(progress), deferral: { kind: 'out-of-time', resumeAt: now(), message } as const };
    },
  });
}

/** @returns undefined if another invocation has recorded results of this batch in the meantime. */
async function synchronizeRemaining(
  dependencies: BatchStepDependencies,
  step: Step & SynchronizeBatchEvent,
  {
    listing,
    work,
    deliveries,
  }: { listing: Listing; work: BatchWork; deliveries: DeliveryKnowledge | undefined },
) {
  const { jobExecutionId: id, batch, workers } = step;
  const { webhookClasses: classes, querySize, total } = listing;
  const since = new Date(step.since);
  const synchronized = await synchronizeRunItems(dependencies, step, {
    repositories: work.remaining,
    workers,
    concurrency: Math.min(REQUESTS_PER_WORKER, Math.floor(REQUESTS_IN_FLIGHT / workers)),
    webhookChecks: classes ? { jobExecutionId: id, classes, batch: work.repositories, since } : 'all',
    ...(deliveries && { deliveries }),
    // The first batches of a run follow no other batch.
    queryStart: { querySize, predecessor: batch < workers ? 'none' : 'possible' },
  });
  if (synchronized.newQuerySize !== undefined) {
    await rememberOfBank(dependencies.executionsTable, { querySize: synchronized.newQuerySize });
  }
  const deferral = synchronized.deferral && withinDeadline(step, synchronized.deferral);
  const done = new Set(synchronized.results.map(({ itemBankId }) => itemBankId));
  const left = work.remaining.filter(({ itemBankId }) => !done.has(itemBankId));
  const isOver = deferral?.kind === 'deadline';
  const results = isOver ? [...synchronized.results, ...left.map(deferredResult)] : synchronized.results;
  const deferred = results
    .filter(({ outcome }) => outcome === 'deferred')
    .map(({ itemBankId }) => itemBankId);
  if (!step.options.dryRun) await recordDeferrals(dependencies, deferred);
  const used = step.unrecorded();
  const progress = await recordResults(dependencies, { id, batch, work, used }, results);
  if (!progress) return undefined;
  step.markRecorded();
  const batches = listing.batches.length;
  if (results.length > 0) {
    const finished = { batch, batches, processed: results.length, total };
    runLog.batchProcessed(dependencies.log, finished);
  }
  const deferredWork = `batch ${batch + 1} of ${batches}: ${left.length} item bank ids`;
  return { ...summaryOf(progress), deferral, deferredWork };
}

function deferredResult(repository: ListedRepository): ItemResult {
  const message = 'the run reached its deadline; the next run synchronizes this item';
  return { ...uncheckedResult(repository), outcome: 'deferred', reason: 'DEADLINE', message };
}

function summaryOf({ outcomes, requiringProjectWebhook, failedItemBankIds }: BatchProgress) {
  return {
    processed: processedOf(outcomes),
    requiringProjectWebhook: requiringProjectWebhook.length,
    failedItemBankIds,
  };
}

/** @returns undefined in a dry run. If deliveries write nothing either, every night finds the same changes. */
async function knowledgeOfDeliveries(
  { executionsTable, webhookScope, deliveriesMayBePending }: BatchStepDependencies,
  { jobExecutionId, lastFullRun, options }: Step,
): Promise<DeliveryKnowledge | undefined> {
  if (options.dryRun) return undefined;
  const hasSharedWebhook = webhookScope !== 'repository';
  return {
    jobExecutionId,
    lastFullRun,
    sharedWebhook: hasSharedWebhook ? { known: await readKnownWebhook(executionsTable) } : undefined,
    mayBePending: deliveriesMayBePending,
  };
}

export const handler = entryPoint((env: Environment) => {
  const config = readConfig(env, [...ITEM_STEP_SETTINGS, 'deliveryQueueUrl', 'failedDeliveryQueueUrl']);
  const client = createSqs();
  const queues = [config.deliveryQueueUrl, config.failedDeliveryQueueUrl].map((url) => ({ client, url }));
  return {
    ...itemStepDependencies(config),
    deliveriesMayBePending: async () => {
      // Without an answer, a message may wait. That only makes the answer less certain, and fails nothing.
      const answers = await Promise.all(queues.map((queue) => mayHaveMessages(queue).catch(() => true)));
      return answers.includes(true);
    },
  };
}, synchronizeBatch);
