import type { JobExecutionId } from '../shared/contract/ids.ts';
import { type RequestCounts, sumRequests } from '../shared/contract/requests.ts';
import type { OrganizationWebhook, WebhookState } from '../shared/contract/webhooks.ts';
import type { Table } from '../shared/dynamodb.ts';
import { readItemRows } from './item-result.ts';
import { type Counts, CountsCodec } from './job-execution.ts';
import type { Listing } from './listing.ts';
import { processedOf, readProgress, sumOutcomes } from './progress.ts';
import { readRequests } from './requests.ts';

export interface RunTotals {
  counts: Counts;
  requests: RequestCounts;
  /** Batches of the listing that have not recorded all of their ids. */
  unfinished: number[];
}

/**
 * Adds up the rows of a run. Ids that their batch has not recorded count as failed. Ids that the listing missed, but
 * the removal found to exist, count as listed.
 */
export async function summarizeRun(
  executionsTable: Table,
  id: JobExecutionId,
  listing: Pick<Listing, 'batches' | 'total'>,
): Promise<RunTotals> {
  let counts: Counts = { ...CountsCodec.parse({}), total: listing.total };
  let requests = await readRequests(executionsTable, id);
  const recorded = new Map<number, number>();
  for await (const { batch, outcomes, ...progress } of readProgress(executionsTable, id)) {
    const { requiringProjectWebhook: missing, webhooksDiffering: differing } = progress;
    const rows = await readItemRows(executionsTable, id, [...missing, ...differing]);
    const notWritten = rows.filter(({ webhookLeft }) => !isWritten(webhookLeft));
    const open = new Set(notWritten.map(({ itemBankId }) => itemBankId));
    counts = {
      ...counts,
      ...sumOutcomes(counts, outcomes),
      itemsWithFieldIssues: counts.itemsWithFieldIssues + progress.itemsWithFieldIssues,
      requiringProjectWebhook: counts.requiringProjectWebhook + missing.length,
      webhooksNotCreated:
        counts.webhooksNotCreated + missing.filter((itemBankId) => open.has(itemBankId)).length,
      webhooksDiffering: counts.webhooksDiffering + differing.length,
      webhooksNotRepaired:
        counts.webhooksNotRepaired + differing.filter((itemBankId) => open.has(itemBankId)).length,
      webhooksNotChecked: counts.webhooksNotChecked + progress.webhooksNotChecked,
    };
    requests = sumRequests(requests, progress.requests);
    const ids = processedOf(outcomes) + outcomes.deferred;
    if (batch < listing.batches.length) recorded.set(batch, ids);
    else counts.total += ids - outcomes.removed;
  }
  const missing = listing.batches.map(({ batch, count }) => ({
    batch,
    ids: Math.max(0, count - (recorded.get(batch) ?? 0)),
  }));
  counts.failed += missing.reduce((sum, { ids }) => sum + ids, 0);
  const unfinished = missing.flatMap(({ batch, ids }) => (ids > 0 ? [batch] : []));
  return { counts, requests, unfinished };
}

const isWritten = (left: WebhookState): boolean => left === 'created' || left === 'repaired';

/** Counts the organization's webhook, if there is one, in place of those of the repositories. */
export function withOrganizationWebhook(counts: Counts, webhook: OrganizationWebhook | undefined): Counts {
  if (!webhook) return counts;
  const { found, left } = webhook;
  return {
    ...counts,
    requiringProjectWebhook: Number(found === 'missing'),
    webhooksNotCreated: Number(found === 'missing' && !isWritten(left)),
    webhooksDiffering: Number(found === 'differs'),
    webhooksNotRepaired: Number(found === 'differs' && !isWritten(left)),
    webhooksNotChecked: Number(found === 'forbidden' || found === 'unchecked'),
  };
}
