import type { JobExecutionId } from '../shared/contract/ids.ts';
import { type RequestCounts, sumRequests } from '../shared/contract/requests.ts';
import type { SharedWebhook, WebhookState } from '../shared/contract/webhooks.ts';
import type { Table } from '../shared/dynamodb.ts';
import { readItemRows } from './item-result.ts';
import { type Counts, CountsCodec } from './job-execution.ts';
import type { Listing } from './listing.ts';
import { readProgress, recordedOf, sumOutcomes } from './progress.ts';
import { readRequests } from './requests.ts';
import { afterWrites, sumWebhooks, webhooksBy } from './webhook-counts.ts';

export interface RunTotals {
  counts: Counts;
  requests: RequestCounts;
  /** Batches of the listing that have not recorded all of their ids. */
  unfinished: number[];
  /** How many ids those are. */
  unprocessed: number;
}

/**
 * Adds up the rows of a run. Ids without a record of their batch have no outcome. Ids that the listing missed, but that
 * the removal found to exist, count as listed.
 */
export async function summarizeRun(
  executionsTable: Table,
  id: JobExecutionId,
  listing: Pick<Listing, 'batches' | 'total'>,
): Promise<RunTotals> {
  let counts: Counts = { ...CountsCodec.parse({}), total: listing.total };
  let withCurrentSecret: number | undefined;
  let requests = await readRequests(executionsTable, id);
  const recorded = new Map<number, number>();
  for await (const { batch, outcomes, ...progress } of readProgress(executionsTable, id)) {
    const { requiringProjectWebhook: missing, webhooksDiffering: differing } = progress;
    const rows = await readItemRows(executionsTable, id, [...missing, ...differing]);
    const repaired = rows.filter(
      ({ webhookFound, webhookLeft }) => webhookFound === 'differs' && isWritten(webhookLeft),
    );
    const current = progress.webhooksWithCurrentSecret;
    if (current !== undefined) withCurrentSecret = (withCurrentSecret ?? 0) + current + repaired.length;
    const notWritten = rows.filter(({ webhookLeft }) => !isWritten(webhookLeft));
    const open = new Set(notWritten.map(({ itemBankId }) => itemBankId));
    counts = {
      ...counts,
      ...sumOutcomes(counts, outcomes),
      itemsWithFieldIssues: counts.itemsWithFieldIssues + progress.itemsWithFieldIssues,
      webhooks: sumWebhooks(
        counts.webhooks,
        afterWrites(
          progress.webhooks,
          rows.map(({ webhookFound, webhookLeft }) => ({ found: webhookFound, left: webhookLeft })),
        ),
      ),
      webhooksDisabled: counts.webhooksDisabled + progress.webhooksDisabled,
      webhooksWronglyKeyed: counts.webhooksWronglyKeyed + progress.webhooksWronglyKeyed,
      webhooksDuplicated: counts.webhooksDuplicated + progress.webhooksDuplicated,
      changedWithoutDelivery: counts.changedWithoutDelivery + progress.changedWithoutDelivery,
      changedWithUnknownDelivery: counts.changedWithUnknownDelivery + progress.changedWithUnknownDelivery,
      requiringProjectWebhook: counts.requiringProjectWebhook + missing.length,
      webhooksNotCreated:
        counts.webhooksNotCreated + missing.filter((itemBankId) => open.has(itemBankId)).length,
      webhooksDiffering: counts.webhooksDiffering + differing.length,
      webhooksNotRepaired:
        counts.webhooksNotRepaired + differing.filter((itemBankId) => open.has(itemBankId)).length,
      webhooksNotChecked: counts.webhooksNotChecked + progress.webhooksNotChecked,
    };
    requests = sumRequests(requests, progress.requests);
    const ids = recordedOf(outcomes);
    if (batch < listing.batches.length) recorded.set(batch, ids);
    else counts.total += ids - outcomes.removed;
  }
  const missing = listing.batches.map(({ batch, count }) => ({
    batch,
    ids: Math.max(0, count - (recorded.get(batch) ?? 0)),
  }));
  if (withCurrentSecret !== undefined) {
    counts.webhooksWithOtherSecret = Math.max(0, counts.total - withCurrentSecret);
  }
  const unprocessed = missing.reduce((sum, { ids }) => sum + ids, 0);
  const unfinished = missing.flatMap(({ batch, ids }) => (ids > 0 ? [batch] : []));
  return { counts, requests, unfinished, unprocessed };
}

const isWritten = (left: WebhookState): boolean => left === 'created' || left === 'repaired';

/** Counts the webhook for all repositories, if there is one, in place of those of the repositories. */
export function withSharedWebhook(counts: Counts, webhook: SharedWebhook | undefined): Counts {
  if (!webhook) return counts;
  const { found, left, differs = [], others = [], hasCurrentSecret } = webhook;
  // A webhook that is missing or differs explains why no delivery came.
  const isExplained = found !== 'present' && found !== 'unchecked';
  const { changedWithoutDelivery, changedWithUnknownDelivery } = counts;
  return {
    ...counts,
    webhooks: webhooksBy((state) => Number(left === state)),
    webhooksDisabled: Number(differs.includes('active')),
    webhooksWronglyKeyed: Number(differs.includes('secret')),
    webhooksDuplicated: Number(others.length > 0),
    ...(hasCurrentSecret !== undefined && { webhooksWithOtherSecret: Number(!hasCurrentSecret) }),
    requiringProjectWebhook: Number(found === 'missing'),
    webhooksNotCreated: Number(found === 'missing' && !isWritten(left)),
    webhooksDiffering: Number(found === 'differs'),
    webhooksNotRepaired: Number(found === 'differs' && !isWritten(left)),
    webhooksNotChecked: Number(found === 'forbidden' || found === 'unchecked'),
    changedWithoutDelivery: isExplained ? 0 : changedWithoutDelivery,
    changedWithUnknownDelivery: changedWithUnknownDelivery + (isExplained ? changedWithoutDelivery : 0),
  };
}
