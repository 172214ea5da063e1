import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { packsOf } from '../shared/chunks.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { Batch } from '../shared/contract/workflow.ts';
import { getRow, putRows, queryRows, type Row, type Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { assertReadable } from '../shared/schema-version.ts';
import type { ListingSummary } from './exit.ts';
import { KEYS, RECORDS_VERSION } from './keys.ts';
import { expiry } from './working-rows.ts';

/** What an execution works on. */
export interface Listing extends ListingSummary {
  batches: Batch[];
  total: number;
  /** Of the repositories, how many have their webhooks looked at by this run: more than 0, to 1. */
  webhookShare: number;
}

// One page of GitHub's listing, one GraphQL query by node ids, one BatchGetItem: all take 100.
export const BATCH_SIZE = 100;
// GitHub allows 100 requests in flight. Ten workers with nine each stay below it.
const MOST_WORKERS = 10;

export interface ListingDependencies {
  executionsTable: Table;
  now: () => Date;
}

/** @throws SyncError `RowTooNew`. */
export async function readListing(executionsTable: Table, id: JobExecutionId): Promise<Listing | undefined> {
  const row = await getRow(executionsTable, KEYS.listing(id));
  if (row) assertReadable(row, RECORDS_VERSION);
  return row as Listing | undefined;
}

/** The LISTING row is written last: where it is there, so is every batch that it counts. */
export async function writeListing(
  { executionsTable, now }: ListingDependencies,
  id: JobExecutionId,
  {
    repositories,
    ...summary
  }: Omit<Listing, 'batches' | 'total'> & { repositories: readonly ListedRepository[] },
): Promise<Listing> {
  const size = Math.ceil(repositories.length / batchesFor(repositories.length));
  const chunks = packsOf(repositories, { count: size });
  const ttl = expiry(now());
  await putRows(
    executionsTable,
    chunks.map((chunk, batch) => batchRow(id, batch, { repositories: chunk, ...ttl })),
  );
  const listing: Listing = { ...summary, total: repositories.length, batches: chunks.flatMap(describeBatch) };
  await executionsTable.client.send(
    new PutCommand({
      TableName: executionsTable.name,
      Item: { ...KEYS.listing(id), schemaVersion: RECORDS_VERSION, ...listing, ...ttl },
    }),
  );
  return listing;
}

/**
 * How many batches to make of so many ids. Where there are more of them than workers, each worker has as many as the
 * others: a share of GitHub's limits that somebody does not use is of no use to anybody.
 */
export function batchesFor(ids: number): number {
  const full = Math.max(1, Math.ceil(ids / BATCH_SIZE));
  return full <= MOST_WORKERS ? full : Math.ceil(full / MOST_WORKERS) * MOST_WORKERS;
}

/** How many batches are worked on at a time. The Map takes 0 for "no limit". */
export const workersFor = (batches: number): number => Math.max(1, Math.min(MOST_WORKERS, batches));

/** A batch nothing of which is done yet. */
export function batchRow(
  id: JobExecutionId,
  batch: number,
  { repositories, ...attributes }: { repositories: readonly ListedRepository[]; expiresAt: number },
): Row {
  const remaining = repositories.map(({ itemBankId }) => itemBankId);
  return { ...KEYS.batch(id, batch), repositories, remaining, ...attributes };
}

function describeBatch(chunk: readonly ListedRepository[], batch: number): Batch[] {
  const [first, last] = [chunk.at(0), chunk.at(-1)];
  if (!first || !last) return [];
  return [{ batch, count: chunk.length, firstItemBankId: first.itemBankId, lastItemBankId: last.itemBankId }];
}

/** @throws SyncError `RowMissing` before the listing was written, `RowTooNew`. */
export async function requireListing(executionsTable: Table, id: JobExecutionId): Promise<Listing> {
  const listing = await readListing(executionsTable, id);
  if (!listing) throw new SyncError('RowMissing', `job execution ${id} has no listing`);
  return listing;
}

/** Every id that the listing brought. Batches beyond it, of candidates for removal, do not count. */
export async function listedIds(
  executionsTable: Table,
  id: JobExecutionId,
  { batches }: Listing,
): Promise<Set<ItemBankId>> {
  const ids = new Set<ItemBankId>();
  let left = batches.length;
  for await (const row of queryRows(executionsTable, { partition: KEYS.workingRows(id), prefix: 'BATCH#' })) {
    if (left === 0) break;
    left -= 1;
    for (const { itemBankId } of row['repositories'] as ListedRepository[]) ids.add(itemBankId);
  }
  return ids;
}
