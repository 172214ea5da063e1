import type { RunCounts } from '../shared/contract/events.ts';
import type { ExecutionProgress } from '../shared/contract/executions.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import { type RequestCounts, sumRequests } from '../shared/contract/requests.ts';
import type { Table } from '../shared/dynamodb.ts';
import { outcomesIn } from './execution-summary.ts';
import { type Counts, CountsCodec } from './job-execution.ts';
import { readListing } from './listing.ts';
import { readProgress, recordedOf, sumOutcomes } from './progress.ts';
import { readRequests } from './requests.ts';
import { sumWebhooks } from './webhook-counts.ts';

/** What a run has recorded so far. */
export interface CountsSoFar {
  /** `total` is 0 before the bank is listed. */
  counts: Counts;
  requests: RequestCounts;
  isListed: boolean;
}

const COUNTED: Parameters<typeof readProgress>[2] = [
  'batch',
  'sk',
  'outcomes',
  'webhooks',
  'changedWithoutDelivery',
  'itemsWithFieldIssues',
  'requests',
];

/**
 * Adds up the progress of the batches without reading the rows of single ids: 1,000 rows for 100,000 ids. Webhooks
 * therefore count in the state in which they were found, even if they were created or repaired later. `summarizeRun`,
 * which is used to close a run, is exact.
 */
export async function countSoFar(executionsTable: Table, id: JobExecutionId): Promise<CountsSoFar> {
  const [listing, requestsOfSteps] = await Promise.all([
    readListing(executionsTable, id),
    readRequests(executionsTable, id),
  ]);
  let counts: Counts = { ...CountsCodec.parse({}), total: listing?.total ?? 0 };
  let requests = requestsOfSteps;
  for await (const progress of readProgress(executionsTable, id, COUNTED)) {
    const { batch, outcomes, webhooks } = progress;
    // Batches after those of the listing have candidates for removal. Those that were not removed belong to the bank.
    const isListed = batch < (listing?.batches.length ?? 0);
    const found = isListed ? 0 : recordedOf(outcomes) - outcomes.removed;
    counts = {
      ...counts,
      ...sumOutcomes(counts, outcomes),
      total: counts.total + found,
      webhooks: sumWebhooks(counts.webhooks, webhooks),
      requiringProjectWebhook: counts.requiringProjectWebhook + webhooks.missing,
      changedWithoutDelivery: counts.changedWithoutDelivery + progress.changedWithoutDelivery,
      itemsWithFieldIssues: counts.itemsWithFieldIssues + progress.itemsWithFieldIssues,
    };
    requests = sumRequests(requests, progress.requests);
  }
  return { counts, requests, isListed: listing !== undefined };
}

/** The counts of a run, as events and notifications have them. */
export const runCounts = (counts: Counts): RunCounts => ({
  total: counts.total,
  outcomes: outcomesIn(counts),
  webhooks: counts.webhooks,
  requiringProjectWebhook: counts.requiringProjectWebhook,
  changedWithoutDelivery: counts.changedWithoutDelivery,
  itemsWithFieldIssues: counts.itemsWithFieldIssues,
});

/** The counts of a run, as the API returns them. */
export function progressIn(counts: Counts): RunCounts & { done: number } {
  const shown = runCounts(counts);
  return { ...shown, done: recordedOf(shown.outcomes) - shown.outcomes.removed };
}

/** For a run that ended without counts, and whose rows were deleted. */
export const UNKNOWN_PROGRESS: ExecutionProgress = {
  total: null,
  done: null,
  outcomes: null,
  webhooks: null,
  requiringProjectWebhook: null,
  changedWithoutDelivery: null,
  itemsWithFieldIssues: null,
  requests: null,
};
