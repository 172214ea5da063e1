import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { Table } from '../shared/dynamodb.ts';
import { countNotWritten } from '../webhooks/open-webhooks.ts';
import type { OrganizationWebhook } from '../webhooks/organization-webhook.ts';
import type { Counts } from './job-execution.ts';
import type { Listing } from './listing.ts';
import { processedOf, readProgress, sumOutcomes } from './progress.ts';

/**
 * What the rows of a run add up to. Ids of a batch that has not recorded them count as failed; ids beyond the
 * listing, which the removal found to be there still, count as listed.
 */
export async function countRun(
  executionsTable: Table,
  id: JobExecutionId,
  listing: Listing,
): Promise<Counts> {
  const counts: Counts = { ...NOTHING, total: listing.total };
  let recorded = 0;
  for await (const { batch, outcomes, ...progress } of readProgress(executionsTable, id)) {
    Object.assign(counts, sumOutcomes(counts, outcomes));
    counts.webhooksNotChecked += progress.webhooksNotChecked;
    counts.requiringProjectWebhook += progress.requiringProjectWebhook.length;
    counts.webhooksNotCreated += await countNotWritten(executionsTable, id, progress.requiringProjectWebhook);
    counts.webhooksDiffering += progress.webhooksDiffering.length;
    counts.webhooksNotRepaired += await countNotWritten(executionsTable, id, progress.webhooksDiffering);
    const ids = processedOf(outcomes) + outcomes.deferred;
    if (batch < listing.batches.length) recorded += ids;
    else counts.total += ids - outcomes.removed;
  }
  counts.failed += listing.total - recorded;
  return counts;
}

/** The same where the project webhook is that of the organization: then it is the only one to be counted. */
export function withOrganizationWebhook(counts: Counts, webhook: OrganizationWebhook | undefined): Counts {
  if (!webhook) return counts;
  const { found, left } = webhook;
  const isWritten = left === 'created' || left === 'repaired';
  return {
    ...counts,
    requiringProjectWebhook: Number(found === 'missing'),
    webhooksNotCreated: Number(found === 'missing' && !isWritten),
    webhooksDiffering: Number(found === 'differs'),
    webhooksNotRepaired: Number(found === 'differs' && !isWritten),
    webhooksNotChecked: Number(found === 'forbidden' || found === 'unchecked'),
  };
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
  webhooksDiffering: 0,
  webhooksNotRepaired: 0,
  webhooksNotChecked: 0,
};
