import pMap from 'p-map';
import type { SynchronizeBatchEvent, SynchronizeBatchResult } from '../../contract.ts';
import type { Table } from '../../dynamodb.ts';
import { requireListing } from '../../executions/listing.ts';
import { assertHoldsLock } from '../../executions/lock.ts';
import { type BatchProgress, type BatchWork, readBatch, recordResults } from '../../executions/progress.ts';
import { checkWebhook, type WebhookRequest } from '../../item-bank/webhooks.ts';
import type { Invocation } from '../../runtime/entry-point.ts';
import type { GitHubAccess } from '../../runtime/github-access.ts';
import type { ItemResult, ListedRepository } from '../../vocabulary.ts';
import { deferredUntil, done, outOfTime, type Pause, pauseFor, resumesWithin } from './deferral.ts';
import { story } from './story.ts';

export type SynchronizeDependencies = Invocation &
  Omit<WebhookRequest, 'github'> & { table: Table; connect: () => Promise<GitHubAccess> };

// GitHub's limit is 100 in flight, REST and GraphQL together; ten are left to others.
const REQUESTS_IN_FLIGHT = 90;
const MOST_PER_WORKER = 9;

/** Handles what remains of a batch, and records as much as it got done. */
export async function synchronize(
  dependencies: SynchronizeDependencies,
  event: SynchronizeBatchEvent,
): Promise<SynchronizeBatchResult> {
  const { table, log } = dependencies;
  await assertHoldsLock(table, event.executionArn);
  const work = await readBatch(table, event.jobExecutionId, event.batch);
  const checks = await check(dependencies, event, work.remaining);
  const { results, pause } = settle(dependencies, event, { work, ...checks });
  for (const result of results) story.checked(log, result);
  const id = event.jobExecutionId;
  const progress = await recordResults(dependencies, { id, batch: event.batch, work }, results);
  // Another invocation of this batch was faster: what is left, if anything, the next reading says.
  if (!progress) return synchronize(dependencies, event);
  await tell(dependencies, event, { work, results, pause });
  return { ...(pause ? deferredUntil(pause) : done(dependencies)), ...summary(progress) };
}

interface Checks {
  results: ItemResult[];
  pause: Pause | undefined;
}

async function check(
  dependencies: SynchronizeDependencies,
  { workers, deadline }: SynchronizeBatchEvent,
  repositories: readonly ListedRepository[],
): Promise<Checks> {
  if (repositories.length === 0) return { results: [], pause: undefined };
  const { github } = await dependencies.connect();
  const request = { ...dependencies, github };
  const checks: Checks = { results: [], pause: undefined };
  const checkOne = async (repository: ListedRepository): Promise<void> => {
    checks.pause ??= outOfTime(dependencies, deadline);
    if (checks.pause) return;
    try {
      checks.results.push(await checkWebhook(request, repository));
    } catch (error) {
      checks.pause = pauseFor(error);
    }
  };
  const share = Math.min(MOST_PER_WORKER, Math.floor(REQUESTS_IN_FLIGHT / workers));
  await pMap(repositories, checkOne, { concurrency: share });
  return checks;
}

/** What cannot go on before the deadline is left to the next run, by name. */
function settle(
  dependencies: Invocation,
  { deadline }: SynchronizeBatchEvent,
  { work, results, pause }: Checks & { work: BatchWork },
): Checks {
  if (!pause || resumesWithin(deadline, pause)) return { results, pause };
  const checked = new Set(results.map(({ itemBankId }) => itemBankId));
  const left = work.remaining.filter(({ itemBankId }) => !checked.has(itemBankId));
  story.waiting(
    dependencies.log,
    deadline,
    `${pause.why}; ${left.length} item bank ids are left to the next run`,
  );
  return { results: [...results, ...left.map(deferredResult)], pause: undefined };
}

function deferredResult({ itemBankId, name }: ListedRepository): ItemResult {
  return {
    itemBankId,
    repository: name,
    outcome: 'deferred',
    webhookFound: 'unchecked',
    reason: 'DEADLINE',
    durationMs: 0,
  };
}

interface Told extends Checks {
  work: BatchWork;
}

async function tell(
  { table, log }: SynchronizeDependencies,
  { jobExecutionId, batch }: SynchronizeBatchEvent,
  { work, results, pause }: Told,
): Promise<void> {
  if (pause) {
    story.batchPaused(log, work.remaining.length - results.length, pause.resumeAt.toISOString());
  }
  if (results.length === 0) return;
  const { total, batches } = await requireListing(table, jobExecutionId);
  story.batchDone(log, { batch, batches: batches.length, processed: results.length, total });
}

function summary({ processed, requiringProjectWebhook, failedItemBankIds }: BatchProgress) {
  return { processed, requiringProjectWebhook: requiringProjectWebhook.length, failedItemBankIds };
}
