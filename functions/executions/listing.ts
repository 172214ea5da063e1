import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Batch } from '../contract.ts';
import { getRow, putRows, type Row, type Table } from '../dynamodb.ts';
import { SyncError } from '../errors.ts';
import type { JobExecutionId, ListedRepository } from '../vocabulary.ts';
import type { ListingSummary } from './exit.ts';
import { KEYS } from './keys.ts';
import { expiry } from './working-rows.ts';

/** What an execution works on. */
export interface Listing extends ListingSummary {
  batches: Batch[];
  total: number;
}

// One page of GitHub's listing, one GraphQL query by node ids, one BatchGetItem: all take 100.
const BATCH_SIZE = 100;

export interface ListingDependencies {
  table: Table;
  now: () => Date;
}

export async function readListing(table: Table, id: JobExecutionId): Promise<Listing | undefined> {
  return (await getRow(table, KEYS.listing(id))) as (Row & Listing) | undefined;
}

/** The LISTING row is written last: where it is there, so is every batch that it counts. */
export async function writeListing(
  { table, now }: ListingDependencies,
  id: JobExecutionId,
  { repositories, ...summary }: ListingSummary & { repositories: readonly ListedRepository[] },
): Promise<Listing> {
  const chunks = inBatches(repositories);
  const ttl = expiry(now());
  await putRows(
    table,
    chunks.map((chunk, batch) => ({
      ...KEYS.batch(id, batch),
      repositories: chunk,
      remaining: chunk.map((repository) => repository.itemBankId),
      ...ttl,
    })),
  );
  const listing: Listing = { ...summary, total: repositories.length, batches: chunks.flatMap(describeBatch) };
  await table.client.send(
    new PutCommand({ TableName: table.name, Item: { ...KEYS.listing(id), ...listing, ...ttl } }),
  );
  return listing;
}

function inBatches<T>(values: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(values.length / BATCH_SIZE) }, (_, batch) =>
    values.slice(batch * BATCH_SIZE, (batch + 1) * BATCH_SIZE),
  );
}

function describeBatch(chunk: readonly ListedRepository[], batch: number): Batch[] {
  const [first, last] = [chunk.at(0), chunk.at(-1)];
  if (!first || !last) return [];
  return [{ batch, count: chunk.length, firstItemBankId: first.itemBankId, lastItemBankId: last.itemBankId }];
}

/** @throws SyncError `RowMissing` before the listing was written. */
export async function requireListing(table: Table, id: JobExecutionId): Promise<Listing> {
  const listing = await readListing(table, id);
  if (!listing) throw new SyncError('RowMissing', `job execution ${id} has no listing`);
  return listing;
}
