import { readBatch } from '../executions/batch.ts';
import { type ItemRow, readItemRows } from '../executions/item-result.ts';
import { type JobExecution, requireExecution } from '../executions/job-execution.ts';
import { type Listing, readListing } from '../executions/listing.ts';
import { type BatchProgress, readProgress, recordedOf } from '../executions/progress.ts';
import { chunksOf } from '../shared/chunks.ts';
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

/** @throws SyncError `RowMissing`, `RowInvalid`. */
export async function hasLeftWork(executionsTable: Table, run: ListedRun): Promise<boolean> {
  const { done } = await leftWork(executionsTable, run).next();
  return !done;
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
  const progress = new Map<number, BatchProgress>();
  for await (const { batch, ...each } of readProgress(executionsTable, id)) progress.set(batch, each);
  const listed = new Map(listing.batches.map(({ batch, count }) => [batch, count]));
  const numbers = [...new Set([...listed.keys(), ...progress.keys()])].sort((a, b) => a - b);
  const unfinished = numbers.filter((batch) => mayHaveLeftWork(progress.get(batch), listed.get(batch)));
  const isLeft = (row: ItemRow): boolean =>
    row.outcome === 'failed' ||
    row.outcome === 'deferred' ||
    row.webhookFailure !== undefined ||
    // A dry run writes no webhook.
    (!options.dryRun && isOpen({ left: row.webhookLeft }));
  const readBatchWork = async (batch: number): Promise<ListedRepository[]> => {
    const { repositories, remaining } = await readBatch(executionsTable, id, batch);
    const rows = await readItemRows(
      executionsTable,
      id,
      repositories.map(({ itemBankId }) => itemBankId),
    );
    const unprocessed = listed.has(batch) ? remaining : [];
    const left = new Set([...unprocessed, ...rows.filter(isLeft)].map(({ itemBankId }) => itemBankId));
    return repositories.filter(({ itemBankId }) => left.has(itemBankId));
  };
  for (const chunk of chunksOf(unfinished, { count: BATCHES_AT_ONCE })) {
    const work = await Promise.all(chunk.map(readBatchWork));
    yield* work.flat();
  }
}

/** @param count the number of ids in a batch of the listing; undefined for a batch of candidates for removal. */
function mayHaveLeftWork(progress: BatchProgress | undefined, count: number | undefined): boolean {
  if (!progress) return count !== undefined;
  const { outcomes, requiringProjectWebhook, webhooksDiffering, webhooksNotChecked } = progress;
  const isUnfinished = count !== undefined && recordedOf(outcomes) < count;
  const webhooks = requiringProjectWebhook.length + webhooksDiffering.length + webhooksNotChecked;
  return isUnfinished || outcomes.failed + outcomes.deferred + webhooks > 0;
}
