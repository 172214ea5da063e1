import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { batchRow } from '../executions/batch.ts';
import type { RemovalStop } from '../executions/exit.ts';
import { expiry, KEYS } from '../executions/keys.ts';
import { BATCH_SIZE, type Listing, type ListingDependencies } from '../executions/listing.ts';
import { chunksOf } from '../shared/chunks.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { getRow, putRows, type Table } from '../shared/dynamodb.ts';

/** What a run has found out about the items that the listing did not bring. */
export interface Removal {
  /** Items in the mirror when the candidates were chosen: what the limit is a share of. */
  mirrored: number;
  /** The candidates' batches, which follow on those of the listing. */
  batches: number[];
  /** Absent while nothing speaks against removing. */
  stop?: RemovalStop;
}

export async function readRemoval(executionsTable: Table, id: JobExecutionId): Promise<Removal | undefined> {
  return (await getRow(executionsTable, KEYS.removal(id))) as Removal | undefined;
}

/**
 * Writes the candidates down before the first of them is removed: chosen anew after some are gone, the limit would
 * be a share of a smaller mirror. The REMOVAL row comes last: where it is, so are they.
 */
export async function writeRemoval(
  { executionsTable, now }: ListingDependencies,
  { id, listing }: { id: JobExecutionId; listing: Listing },
  {
    candidates,
    ...facts
  }: { candidates: readonly ListedRepository[]; mirrored: number; stop?: RemovalStop | undefined },
): Promise<Removal> {
  const ttl = expiry(now());
  const chunks = chunksOf(candidates, { count: BATCH_SIZE }).map((repositories, index) => ({
    batch: listing.batches.length + index,
    repositories,
  }));
  await putRows(
    executionsTable,
    chunks.map(({ batch, repositories }) => batchRow(id, batch, { repositories, ...ttl })),
  );
  const removal = { ...facts, batches: chunks.map(({ batch }) => batch) };
  await executionsTable.client.send(
    new PutCommand({ TableName: executionsTable.name, Item: { ...KEYS.removal(id), ...removal, ...ttl } }),
  );
  return removal as Removal;
}

/** Whether removing these is more than the limit allows: that looks like a fault rather than like work that was done. */
export function limitOfRemoval(
  { removable, mirrored }: { removable: number; mirrored: number },
  limitPercent: number,
): RemovalStop | undefined {
  if (removable * 100 <= mirrored * limitPercent) return undefined;
  return { reason: 'LIMIT', removable, mirrored, limitPercent };
}

/** The first reason holds. */
export async function recordStop(
  executionsTable: Table,
  id: JobExecutionId,
  stop: RemovalStop,
): Promise<void> {
  await executionsTable.client.send(
    new UpdateCommand({
      TableName: executionsTable.name,
      Key: KEYS.removal(id),
      UpdateExpression: 'SET stop = if_not_exists(stop, :stop)',
      ExpressionAttributeValues: { ':stop': stop },
    }),
  );
}
