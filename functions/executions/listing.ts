import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { Batch } from '../shared/contract/workflow.ts';
import { getRow, putRows, type Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { assertReadable, ItemBankIdCodec, parseRow } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import { batchRow, readBatchRepositories } from './batch.ts';
import type { ListingSummary } from './exit.ts';
import { expiry, KEYS, RECORDS_VERSION } from './keys.ts';

// A page of GitHub's listing, a GraphQL query by node ids and a BatchGetItem request each take 100.
export const BATCH_SIZE = 100;

/**
 * How many batches are processed at a time, at most. GitHub allows 100 requests in flight, and ten workers with nine each
 * stay below that. With the published limits, three workers already send as much as GitHub allows, and each of them has
 * room for several queries in its share of the computing time: see docs/decisions/0030.
 */
export const MAX_WORKERS = { unlimited: 10, limited: 3 };

/** The item bank ids of an execution, in batches. */
export interface Listing extends ListingSummary {
  batches: Batch[];
  total: number;
  /** The classes of repositories whose webhooks this run checks; absent if it checks all. */
  webhookClasses?: number[];
  /** Repositories in the first query of each worker. */
  querySize: number;
  /** How many batches are processed at a time, at most. */
  maxWorkers: number;
  /** Version of the working rows of the run: that of the release that listed the bank. */
  schemaVersion?: number;
}

const ListingCodec: z.ZodMiniType<Listing & { webhookShare?: number }> = z.looseObject({
  announced: z.number(),
  found: z.number(),
  complete: z.boolean(),
  batches: z.array(
    z.object({
      batch: z.number(),
      count: z.number(),
      firstItemBankId: ItemBankIdCodec,
      lastItemBankId: ItemBankIdCodec,
    }),
  ),
  total: z.number(),
  webhookClasses: z.exactOptional(z.array(z.number())),
  querySize: z._default(z.number(), BATCH_SIZE),
  maxWorkers: z._default(z.number(), MAX_WORKERS.unlimited),
  schemaVersion: z.exactOptional(z.number()),
  /** Of the previous release: the share of the webhooks that are checked. */
  webhookShare: z.exactOptional(z.number()),
});

export interface ListingDependencies {
  executionsTable: Table;
  now: () => Date;
}

/** @throws SyncError `RowTooNew`, `RowInvalid`. */
export async function readListing(executionsTable: Table, id: JobExecutionId): Promise<Listing | undefined> {
  const row = await getRow(executionsTable, KEYS.listing(id));
  if (!row) return undefined;
  assertReadable(row, RECORDS_VERSION);
  const listing = parseRow(ListingCodec, row, `the listing of job execution ${id}`);
  const { webhookShare = 1, ...current } = listing;
  // A run that the previous release began checks known broken and new webhooks only, which its quota allows.
  return webhookShare < 1 ? { ...current, webhookClasses: [] } : current;
}

/** @throws SyncError `RowMissing` before the listing is written, `RowTooNew`, `RowInvalid`. */
export async function requireListing(executionsTable: Table, id: JobExecutionId): Promise<Listing> {
  const listing = await readListing(executionsTable, id);
  if (!listing) throw new SyncError('RowMissing', `job execution ${id} has no listing`);
  return listing;
}

/** Writes the LISTING row last, so that all batches exist once it does. */
export async function writeListing(
  { executionsTable, now }: ListingDependencies,
  id: JobExecutionId,
  {
    repositories,
    ...summary
  }: Omit<Listing, 'batches' | 'total'> & { repositories: readonly ListedRepository[] },
): Promise<Listing> {
  const count = batchesFor(repositories.length, summary.maxWorkers);
  const size = Math.ceil(repositories.length / count);
  const chunks = chunksOf(repositories, { count: size });
  const ttl = expiry(now());
  await putRows(
    executionsTable,
    chunks.map((chunk, batch) => batchRow(id, batch, { repositories: chunk, ...ttl })),
  );
  const batches = chunks.flatMap((chunk, batch): Batch[] => {
    const [first, last] = [chunk.at(0), chunk.at(-1)];
    if (!first || !last) return [];
    return [
      { batch, count: chunk.length, firstItemBankId: first.itemBankId, lastItemBankId: last.itemBankId },
    ];
  });
  const listing: Listing = { ...summary, total: repositories.length, batches };
  await executionsTable.client.send(
    new PutCommand({
      TableName: executionsTable.name,
      Item: { ...KEYS.listing(id), schemaVersion: RECORDS_VERSION, ...listing, ...ttl },
    }),
  );
  return listing;
}

/**
 * How many batches to make of so many ids. Above one batch per worker, every worker gets the same number of batches,
 * because each worker has a fixed share of GitHub's limits, and an idle worker's share is lost.
 */
export function batchesFor(ids: number, maxWorkers: number): number {
  const full = Math.max(1, Math.ceil(ids / BATCH_SIZE));
  return full <= maxWorkers ? full : Math.ceil(full / maxWorkers) * maxWorkers;
}

/** How many batches are processed at a time. At least 1, because the Map takes 0 for "no limit". */
export const workersFor = (batches: number, maxWorkers: number): number =>
  Math.max(1, Math.min(maxWorkers, batches));

/** Every id that the listing found. Later batches, of candidates for removal, are not part of it. */
export async function listedIds(
  executionsTable: Table,
  id: JobExecutionId,
  { batches }: Listing,
): Promise<Set<ItemBankId>> {
  const ids = new Set<ItemBankId>();
  let left = batches.length;
  for await (const repositories of readBatchRepositories(executionsTable, id)) {
    if (left === 0) break;
    left -= 1;
    for (const { itemBankId } of repositories) ids.add(itemBankId);
  }
  return ids;
}
