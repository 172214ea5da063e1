import type { Table } from '../dynamodb.ts';
import type { JobExecutionId } from '../vocabulary.ts';
import type { Counts } from './job-execution.ts';
import type { Listing } from './listing.ts';
import { countNotCreated, processedOf, readProgress, sumOutcomes } from './progress.ts';

/**
 * What the rows of a run add up to. Ids of a batch that has not recorded them count as failed; ids beyond the
 * listing, which the removal found to be there still, count as listed.
 */
export async function countRun(table: Table, id: JobExecutionId, listing: Listing): Promise<Counts> {
  const counts: Counts = { ...NOTHING, total: listing.total };
  let recorded = 0;
  for await (const { batch, outcomes, ...progress } of readProgress(table, id)) {
    Object.assign(counts, sumOutcomes(counts, outcomes));
    counts.webhooksNotChecked += progress.webhooksNotChecked;
    counts.requiringProjectWebhook += progress.requiringProjectWebhook.length;
    counts.webhooksNotCreated += await countNotCreated(table, id, progress.requiringProjectWebhook);
    const ids = processedOf(outcomes) + outcomes.deferred;
    if (batch < listing.batches.length) recorded += ids;
    else counts.total += ids - outcomes.removed;
  }
  counts.failed += listing.total - recorded;
  return counts;
}

const NOTHING: Counts = {
  total: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  removed: 0,
  deferred: 0,
  failed: 0,
  requiringProjectWebhook: 0,
  webhooksNotCreated: 0,
  webhooksNotChecked: 0,
};
