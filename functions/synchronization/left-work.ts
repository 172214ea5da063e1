import { readBatch } from '../executions/batch.ts';
import { type ItemRow, readItemRows } from '../executions/item-result.ts';
import { type JobExecution, requireExecution } from '../executions/job-execution.ts';
import { type Listing, readListing } from '../executions/listing.ts';
import { type BatchProgress, readProgress, recordedOf } from '../executions/progress.ts';
import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { RunOptions } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { Table } from '../shared/dynamodb.ts';
import { isOpen } from '../webhooks/webhook-rows.ts';

/** A run with a listing, whose rows say what it left. */
export interface ListedRun {
  execution: JobExecution;
  listing: Listing;
}

/**
 * Finds the run whose rows say what an ended run left. That is usually the run itself. A restart that ended before it
 * had a listing left everything that the other run left.
 * @returns undefined if there is no listing.
 */
export async function findListedRun(
  executionsTable: Table,
  execution: JobExecution,
): Promise<ListedRun | undefined> {
  const listing = await readListing(executionsTable, execution.jobExecutionId);
  if (listing) return { execution, listing };
  const { restartOf } = execution.options;
  if (restartOf === undefined) return undefined;
  return findListedRun(executionsTable, await requireExecution(executionsTable, restartOf));
}

// Hides the latency of DynamoDB, so that 1,000 batches take seconds.
const BATCHES_AT_ONCE = 10;

/** @throws SyncError `RowMissing`, `RowInvalid`. */
export async function readLeftWork(executionsTable: Table, run: ListedRun): Promise<ListedRepository[]> {
  const left: ListedRepository[] = [];
  for await (const repository of leftWork(executionsTable, run)) left.push(repository);
  return left;
}

// A caller waits for the answer, and reading the rows of 1,000 batches would take too long.
const MAX_BATCHES_TO_READ = 50;

/**
 * Whether a run left anything, from the progress of its batches and from its counts. Only a run that ended without
 * counts, while or after it wrote webhooks, needs the rows of items. Few of them are read, the last ones first, because
 * webhooks are written in the order of the batches. If these are in order, the answer is yes: a restart that finds
 * nothing to do ends at once.
 * @throws SyncError `RowInvalid`.
 */
export async function hasLeftWork(
  executionsTable: Table,
  { execution: { jobExecutionId: id, options, counts }, listing }: ListedRun,
): Promise<boolean> {
  const progress = await readProgressByBatch(executionsTable, id);
  const listed = new Map(listing.batches.map(({ batch, count }) => [batch, count]));
  const numbers = new Set([...listed.keys(), ...progress.keys()]);
  if ([...numbers].some((batch) => hasLeftIds(progress.get(batch), listed.get(batch)))) return true;
  const broken = [...progress.values()].map(brokenWebhooksOf).filter((ids) => ids.length > 0);
  if (options.dryRun || broken.length === 0) return false;
  if (counts) return counts.webhooksNotCreated + counts.webhooksNotRepaired > 0;
  const last = broken.slice(-MAX_BATCHES_TO_READ).toReversed();
  for (const chunk of chunksOf(last, { count: BATCHES_AT_ONCE })) {
    const rows = await Promise.all(chunk.map((ids) => readItemRows(executionsTable, id, ids)));
    if (rows.flat().some((row) => isLeft(row, options))) return true;
  }
  return broken.length > last.length;
}

async function readProgressByBatch(
  executionsTable: Table,
  id: JobExecutionId,
): Promise<Map<number, BatchProgress>> {
  const progress = new Map<number, BatchProgress>();
  for await (const { batch, ...each } of readProgress(executionsTable, id)) progress.set(batch, each);
  return progress;
}

/**
 * The repositories that a run left, in the order of its listing: those without an outcome, those that failed or were
 * deferred, and those whose project webhook could not be checked or written, or was not written before the run ended.
 * Candidates for removal are not included, unless they failed or were deferred: they take a run that lists the bank.
 */
async function* leftWork(
  executionsTable: Table,
  { execution: { jobExecutionId: id, options }, listing }: ListedRun,
): AsyncGenerator<ListedRepository> {
  const progress = await readProgressByBatch(executionsTable, id);
  const listed = new Map(listing.batches.map(({ batch, count }) => [batch, count]));
  const numbers = [...new Set([...listed.keys(), ...progress.keys()])].sort((a, b) => a - b);
  const unfinished = numbers.filter((batch) => mayHaveLeftWork(progress.get(batch), listed.get(batch)));
  const readBatchWork = async (batch: number): Promise<ListedRepository[]> => {
    const { repositories, remaining } = await readBatch(executionsTable, id, batch);
    const rows = await readItemRows(
      executionsTable,
      id,
      repositories.map(({ itemBankId }) => itemBankId),
    );
    const unprocessed = listed.has(batch) ? remaining : [];
    const left = new Set(
      [...unprocessed, ...rows.filter((row) => isLeft(row, options))].map(({ itemBankId }) => itemBankId),
    );
    return repositories.filter(({ itemBankId }) => left.has(itemBankId));
  };
  for (const chunk of chunksOf(unfinished, { count: BATCHES_AT_ONCE })) {
    const work = await Promise.all(chunk.map(readBatchWork));
    yield* work.flat();
  }
}

function isLeft(row: ItemRow, { dryRun }: Pick<RunOptions, 'dryRun'>): boolean {
  if (row.outcome === 'failed' || row.outcome === 'deferred' || row.webhookFailure) return true;
  // A dry run writes no webhook.
  return !dryRun && isOpen({ left: row.webhookLeft });
}

/** @param count the number of ids in a batch of the listing; undefined for a batch of candidates for removal. */
const mayHaveLeftWork = (progress: BatchProgress | undefined, count: number | undefined): boolean =>
  hasLeftIds(progress, count) || (progress !== undefined && brokenWebhooksOf(progress).length > 0);

/** Whether ids of a batch have no outcome, failed or were deferred, or their webhooks were not checked. */
function hasLeftIds(progress: BatchProgress | undefined, count: number | undefined): boolean {
  if (!progress) return count !== undefined;
  const { outcomes, webhooksNotChecked } = progress;
  const isUnfinished = count !== undefined && recordedOf(outcomes) < count;
  return isUnfinished || outcomes.failed + outcomes.deferred + webhooksNotChecked > 0;
}

/** Ids whose webhooks were found missing or different. They may have been written since. */
const brokenWebhooksOf = ({ requiringProjectWebhook, webhooksDiffering }: BatchProgress): ItemBankId[] => [
  ...requiringProjectWebhook,
  ...webhooksDiffering,
];
