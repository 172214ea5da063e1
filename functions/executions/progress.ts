import type { JobExecutionId } from '../shared/contract/ids.ts';
import { OUTCOMES, type Outcome } from '../shared/contract/job-execution.ts';
import { NO_REQUESTS, type RequestCounts, sumRequests } from '../shared/contract/requests.ts';
import { queryRows, type Table } from '../shared/dynamodb.ts';
import { ItemBankIdCodec, parseRow } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import type { ItemResult } from './item-result.ts';
import { KEYS } from './keys.ts';
import { RequestCountsCodec } from './requests.ts';
import { NO_WEBHOOKS, sumWebhooks, WebhookCountsCodec, webhooksBy } from './webhook-counts.ts';

type Outcomes = Record<Outcome, number>;

export const outcomesBy = (count: (outcome: Outcome) => number): Outcomes =>
  Object.fromEntries(OUTCOMES.map((outcome) => [outcome, count(outcome)])) as Outcomes;

const itemBankIds = z._default(z.array(ItemBankIdCodec), []);

/**
 * What is done of a batch so far. All numbers are totals, so that writing them twice counts nothing twice. A batch
 * that has recorded nothing, or an earlier release that did not count something, has zeros.
 */
export type BatchProgress = z.output<typeof ProgressCodec>;
export const ProgressCodec = z.object({
  outcomes: z._default(
    z.object({
      created: z.number(),
      updated: z.number(),
      // Earlier releases derived nothing.
      derived: z._default(z.number(), 0),
      unchanged: z.number(),
      removed: z.number(),
      deferred: z.number(),
      failed: z.number(),
    } satisfies Record<Outcome, z.ZodMiniType>),
    outcomesBy(() => 0),
  ),
  requiringProjectWebhook: itemBankIds,
  /** Ids whose project webhook exists with other settings than the wanted ones. */
  webhooksDiffering: itemBankIds,
  /** How many webhook checks failed. Webhooks that a later run checks by rotation are not counted. */
  webhooksNotChecked: z._default(z.number(), 0),
  failedItemBankIds: itemBankIds,
  /** How many ids have an item.json with values that could not be read. */
  itemsWithFieldIssues: z._default(z.number(), 0),
  /** Repositories by the state in which their project webhook was found. */
  webhooks: z._default(WebhookCountsCodec, NO_WEBHOOKS),
  /** Project webhooks that were found switched off. */
  webhooksDisabled: z._default(z.number(), 0),
  /** Project webhooks that were found with another secret. */
  webhooksWronglyKeyed: z._default(z.number(), 0),
  /** Repositories with further webhooks that point to this service. */
  webhooksDuplicated: z._default(z.number(), 0),
  /** Only while the secret is being replaced: repositories whose webhook has the new one, or that have none. */
  webhooksWithCurrentSecret: z.exactOptional(z.number()),
  /** Items that changed although their webhook was in order and no delivery announced the change. */
  changedWithoutDelivery: z._default(z.number(), 0),
  /** Changed items for which that cannot be decided. */
  changedWithUnknownDelivery: z._default(z.number(), 0),
  /** Requests of the batch's invocations to GitHub. */
  requests: z._default(RequestCountsCodec, NO_REQUESTS),
});

/**
 * Reads the progress of every batch that has recorded some.
 * @param attributes to read; all of them by default. The others have the values of a batch that recorded nothing.
 */
export async function* readProgress(
  executionsTable: Table,
  id: JobExecutionId,
  attributes?: readonly (keyof BatchProgress | 'batch' | 'sk')[],
): AsyncGenerator<BatchProgress & { batch: number }> {
  const rows = queryRows(executionsTable, {
    partition: KEYS.workingRows(id),
    prefix: 'PROGRESS#',
    attributes,
  });
  const codec = z.extend(ProgressCodec, { batch: z.number() });
  for await (const row of rows) yield parseRow(codec, row, `the row ${row['sk']} of job execution ${id}`);
}

/** The progress after further results, and after the requests that they took. */
export function addResults(
  before: BatchProgress,
  results: readonly ItemResult[],
  used: RequestCounts,
): BatchProgress {
  const idsOf = (isChosen: (result: ItemResult) => boolean) =>
    results.filter(isChosen).map(({ itemBankId }) => itemBankId);
  const isRotating =
    before.webhooksWithCurrentSecret !== undefined ||
    results.some(({ hasCurrentSecret }) => hasCurrentSecret !== undefined);
  const outcomes = outcomesBy((outcome) => results.filter((result) => result.outcome === outcome).length);
  return {
    outcomes: sumOutcomes(before.outcomes, outcomes),
    requiringProjectWebhook: [
      ...before.requiringProjectWebhook,
      ...idsOf(({ webhookFound }) => webhookFound === 'missing'),
    ],
    webhooksDiffering: [
      ...before.webhooksDiffering,
      ...idsOf(({ webhookFound }) => webhookFound === 'differs'),
    ],
    webhooksNotChecked:
      before.webhooksNotChecked + idsOf(({ webhookFailure }) => webhookFailure !== undefined).length,
    itemsWithFieldIssues:
      before.itemsWithFieldIssues + idsOf(({ fieldIssues }) => fieldIssues !== undefined).length,
    webhooks: sumWebhooks(
      before.webhooks,
      webhooksBy((state) => results.filter(({ webhookFound }) => webhookFound === state).length),
    ),
    webhooksDisabled:
      before.webhooksDisabled +
      idsOf(({ webhookDiffers }) => webhookDiffers?.includes('active') === true).length,
    webhooksWronglyKeyed:
      before.webhooksWronglyKeyed +
      idsOf(({ webhookDiffers }) => webhookDiffers?.includes('secret') === true).length,
    webhooksDuplicated:
      before.webhooksDuplicated + idsOf(({ otherWebhooks }) => otherWebhooks !== undefined).length,
    ...(isRotating && {
      webhooksWithCurrentSecret:
        (before.webhooksWithCurrentSecret ?? 0) +
        idsOf(({ hasCurrentSecret }) => hasCurrentSecret === true).length,
    }),
    changedWithoutDelivery:
      before.changedWithoutDelivery + idsOf(({ delivery }) => delivery === 'missed').length,
    changedWithUnknownDelivery:
      before.changedWithUnknownDelivery + idsOf(({ delivery }) => delivery === 'unknown').length,
    failedItemBankIds: [...before.failedItemBankIds, ...idsOf(({ outcome }) => outcome === 'failed')],
    requests: sumRequests(before.requests, used),
  };
}

export function sumOutcomes(left: Outcomes, right: Outcomes): Outcomes {
  return outcomesBy((outcome) => left[outcome] + right[outcome]);
}

/** How many ids of a batch are done: all but the deferred ones. */
export function processedOf({ deferred, ...done }: Outcomes): number {
  return Object.values(done).reduce((sum, count) => sum + count, 0);
}

/** How many ids of a batch have an outcome, deferred ones included. */
export const recordedOf = (outcomes: Outcomes): number => processedOf(outcomes) + outcomes.deferred;
