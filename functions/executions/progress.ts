import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { getRow, getRows, putRows, queryRows, type Table, transact } from '../dynamodb.ts';
import { SyncError } from '../errors.ts';
import {
  type ItemBankId,
  type ItemResult,
  type JobExecutionId,
  type ListedRepository,
  OUTCOMES,
  type Outcome,
  type RepositoryTrouble,
  type WebhookState,
} from '../vocabulary.ts';
import { KEYS } from './keys.ts';
import { expiry } from './working-rows.ts';

/** What became of a batch so far: absolute, so that writing it twice counts nothing twice. */
export interface BatchProgress {
  outcomes: Record<Outcome, number>;
  requiringProjectWebhook: ItemBankId[];
  webhooksNotChecked: number;
  failedItemBankIds: ItemBankId[];
}

export interface BatchWork {
  repositories: ListedRepository[];
  /** Those not done yet. */
  remaining: ListedRepository[];
  progress: BatchProgress;
}

interface BatchRow {
  repositories: ListedRepository[];
  remaining: ItemBankId[];
}

/** A row per item bank id, for whoever asks what a run did to it. `webhookLeft` is how the run left its webhook. */
export interface ItemRow extends ItemResult {
  webhookLeft: WebhookState;
}

export interface ProgressDependencies {
  table: Table;
  now: () => Date;
}

const NOTHING: BatchProgress = {
  outcomes: countOutcomes([]),
  requiringProjectWebhook: [],
  webhooksNotChecked: 0,
  failedItemBankIds: [],
};

export async function readBatch(table: Table, id: JobExecutionId, batch: number): Promise<BatchWork> {
  const [row, progress] = await Promise.all([
    getRow(table, KEYS.batch(id, batch)),
    getRow(table, KEYS.progress(id, batch)),
  ]);
  if (!row) throw new SyncError('RowMissing', `job execution ${id} has no batch ${batch}`);
  const { repositories, remaining } = row as unknown as BatchRow;
  const left = new Set(remaining);
  return {
    repositories,
    remaining: repositories.filter(({ itemBankId }) => left.has(itemBankId)),
    progress: (progress as BatchProgress | undefined) ?? NOTHING,
  };
}

/**
 * Records results and takes their ids off what remains, in one transaction.
 * @returns the progress after it; undefined when another invocation has recorded something in between.
 */
export async function recordResults(
  { table, now }: ProgressDependencies,
  { id, batch, work }: { id: JobExecutionId; batch: number; work: BatchWork },
  results: readonly ItemResult[],
): Promise<BatchProgress | undefined> {
  const ttl = expiry(now());
  await putRows(
    table,
    results.map((result) => ({
      ...KEYS.item(id, result.itemBankId),
      ...result,
      webhookLeft: result.webhookFound,
      ...ttl,
    })),
  );
  const progress = add(work.progress, results);
  const done = new Set(results.map(({ itemBankId }) => itemBankId));
  const left = work.remaining
    .map(({ itemBankId }) => itemBankId)
    .filter((itemBankId) => !done.has(itemBankId));
  const broken = await transact(table, [
    { Put: { TableName: table.name, Item: { ...KEYS.progress(id, batch), batch, ...progress, ...ttl } } },
    {
      Update: {
        TableName: table.name,
        Key: KEYS.batch(id, batch),
        UpdateExpression: 'SET remaining = :left',
        ConditionExpression: 'size(remaining) = :before',
        ExpressionAttributeValues: { ':left': left, ':before': work.remaining.length },
      },
    },
  ]);
  return broken ? undefined : progress;
}

function add(before: BatchProgress, results: readonly ItemResult[]): BatchProgress {
  const idsOf = (chosen: (result: ItemResult) => boolean) =>
    results.filter(chosen).map((result) => result.itemBankId);
  return {
    outcomes: sumOutcomes(before.outcomes, countOutcomes(results)),
    requiringProjectWebhook: [
      ...before.requiringProjectWebhook,
      ...idsOf((result) => result.webhookFound === 'missing'),
    ],
    webhooksNotChecked: before.webhooksNotChecked + idsOf((result) => Boolean(result.webhookTrouble)).length,
    failedItemBankIds: [...before.failedItemBankIds, ...idsOf((result) => result.outcome === 'failed')],
  };
}

function countOutcomes(results: readonly ItemResult[]): Record<Outcome, number> {
  return outcomesBy((outcome) => results.filter((result) => result.outcome === outcome).length);
}

export function sumOutcomes(
  left: Record<Outcome, number>,
  right: Record<Outcome, number>,
): Record<Outcome, number> {
  return outcomesBy((outcome) => left[outcome] + right[outcome]);
}

function outcomesBy(count: (outcome: Outcome) => number): Record<Outcome, number> {
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, count(outcome)])) as Record<Outcome, number>;
}

/** How many ids of the batch were handled: a deferred one was not. */
export const processedOf = ({ deferred, ...handled }: Record<Outcome, number>): number =>
  Object.values(handled).reduce((sum, count) => sum + count, 0);

/** Repositories of a batch whose webhook is missing still, by the names under which it was looked for. */
export async function missingWebhooks(
  table: Table,
  id: JobExecutionId,
  batch: number,
): Promise<ListedRepository[]> {
  const { repositories, progress } = await readBatch(table, id, batch);
  const rows = await itemRows(table, id, progress.requiringProjectWebhook);
  const names = new Map(rows.filter(isUntried).map((row) => [row.itemBankId, row.repository]));
  return repositories.flatMap((repository) => {
    const name = names.get(repository.itemBankId);
    return name === undefined ? [] : [{ ...repository, name }];
  });
}

/** One that GitHub has refused is not asked for again in the same run. */
const isUntried = ({ webhookLeft, webhookTrouble }: ItemRow): boolean =>
  webhookLeft === 'missing' && !webhookTrouble;

async function itemRows(table: Table, id: JobExecutionId, ids: readonly ItemBankId[]): Promise<ItemRow[]> {
  const rows = await getRows(
    table,
    ids.map((itemBankId) => KEYS.item(id, itemBankId)),
  );
  return rows as unknown as ItemRow[];
}

/** Records how the run left a webhook that it had found missing. */
export async function recordWebhook(
  table: Table,
  id: JobExecutionId,
  left: { itemBankId: ItemBankId; webhookLeft: WebhookState; webhookTrouble?: RepositoryTrouble },
): Promise<void> {
  const { itemBankId, webhookLeft, webhookTrouble } = left;
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: KEYS.item(id, itemBankId),
      UpdateExpression: `SET webhookLeft = :left${webhookTrouble ? ', webhookTrouble = :trouble' : ''}`,
      ExpressionAttributeValues: {
        ':left': webhookLeft,
        ...(webhookTrouble && { ':trouble': webhookTrouble }),
      },
    }),
  );
}

/** The progress of every batch that has recorded something. */
export async function* readProgress(
  table: Table,
  id: JobExecutionId,
): AsyncGenerator<BatchProgress & { batch: number }> {
  for await (const row of queryRows(table, { partition: KEYS.workingRows(id), prefix: 'PROGRESS#' })) {
    yield row as unknown as BatchProgress & { batch: number };
  }
}

/** How many of these webhooks, found missing, the run has not created. */
export async function countNotCreated(
  table: Table,
  id: JobExecutionId,
  requiring: readonly ItemBankId[],
): Promise<number> {
  const rows = await itemRows(table, id, requiring);
  return rows.filter(({ webhookLeft }) => webhookLeft !== 'created').length;
}
