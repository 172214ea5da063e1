import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { batchRow } from '../executions/batch.ts';
import type { RemovalStop } from '../executions/exit.ts';
import { expiry, KEYS } from '../executions/keys.ts';
import { BATCH_SIZE, type Listing } from '../executions/listing.ts';
import { chunksOf } from '../shared/chunks.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { getRow, putRows, type Table } from '../shared/dynamodb.ts';
import { parseRow, withFormerNames } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';

/** What a run knows of the items that were not listed. */
export interface Removal {
  /** Items in the mirror when the candidates were chosen. The removal limit is a share of them. */
  mirrored: number;
  /** Numbers of the batches that hold the candidates. They follow the batches of the listing. */
  batches: number[];
  /** Why nothing is removed. */
  stop?: RemovalStop;
}

// The previous release named the reason `why`.
const RemovalStopCodec: z.ZodMiniType<RemovalStop> = withFormerNames(
  { why: 'reason' },
  z.union([
    z.object({
      reason: z.enum(['INCOMPLETE_LISTING', 'DISABLED', 'NOT_ALL_VISIBLE', 'VISIBILITY_UNKNOWN', 'DEADLINE']),
    }),
    z.object({
      reason: z.literal('LIMIT'),
      removable: z.number(),
      mirrored: z.number(),
      limitPercent: z.number(),
    }),
  ]),
);
const RemovalCodec: z.ZodMiniType<Removal> = z.object({
  // Absent if the run reached its deadline before the candidates were chosen.
  mirrored: z._default(z.number(), 0),
  batches: z._default(z.array(z.number()), []),
  stop: z.exactOptional(RemovalStopCodec),
});

/** @throws SyncError `RowInvalid`. */
export async function readRemoval(executionsTable: Table, id: JobExecutionId): Promise<Removal | undefined> {
  const row = await getRow(executionsTable, KEYS.removal(id));
  return row && parseRow(RemovalCodec, row, `the removal of job execution ${id}`);
}

/**
 * Stores the candidates before the first of them is removed. If they were chosen again after some are gone, the limit
 * would be a share of a smaller mirror. The REMOVAL row is written last: if it exists, so do its batches.
 */
export async function writeRemoval(
  { executionsTable, now }: { executionsTable: Table; now: () => Date },
  { id, listing }: { id: JobExecutionId; listing: Listing },
  { candidates, ...facts }: Omit<Removal, 'batches'> & { candidates: readonly ListedRepository[] },
): Promise<Removal> {
  const ttl = expiry(now());
  const batches = chunksOf(candidates, { count: BATCH_SIZE }).map((repositories, index) => ({
    batch: listing.batches.length + index,
    repositories,
  }));
  await putRows(
    executionsTable,
    batches.map(({ batch, repositories }) => batchRow(id, batch, { repositories, ...ttl })),
  );
  const removal: Removal = { ...facts, batches: batches.map(({ batch }) => batch) };
  await executionsTable.client.send(
    new PutCommand({
      TableName: executionsTable.name,
      Item: { ...KEYS.removal(id), ...removal, ...ttl },
    }),
  );
  return removal;
}

/** Records why nothing is removed. The first reason stays. */
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
