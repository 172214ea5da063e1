import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { RemovalStop } from '../executions/exit.ts';
import { KEYS } from '../executions/keys.ts';
import { BATCH_SIZE, batchRow, type Listing, type ListingDependencies } from '../executions/listing.ts';
import { expiry } from '../executions/working-rows.ts';
import { packsOf } from '../shared/chunks.ts';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { Failure, Reason } from '../shared/contract/job-execution.ts';
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

/** What a direct question said of a candidate. */
export type Verdict =
  | { kind: 'remove'; reason: Extract<Reason, 'DELETED' | 'TRANSFERRED' | 'IGNORED'> }
  /** The listing has missed it: it is synchronized. */
  | { kind: 'keep'; repository: ListedRepository }
  | { kind: 'failed'; trouble: Failure };

/** By item bank id, as text because keys of a map are. */
export type Verdicts = Record<string, Verdict>;

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
  const chunks = packsOf(candidates, { count: BATCH_SIZE }).map((repositories, index) => ({
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
  return { why: 'LIMIT', removable, mirrored, limitPercent };
}

export async function readVerdicts(
  executionsTable: Table,
  id: JobExecutionId,
  batch: number,
): Promise<Verdicts> {
  const row = await getRow(executionsTable, KEYS.batch(id, batch));
  return (row?.['verdicts'] as Verdicts | undefined) ?? {};
}

export async function recordVerdicts(
  executionsTable: Table,
  { id, batch }: { id: JobExecutionId; batch: number },
  verdicts: Verdicts,
): Promise<void> {
  await executionsTable.client.send(
    new UpdateCommand({
      TableName: executionsTable.name,
      Key: KEYS.batch(id, batch),
      UpdateExpression: 'SET verdicts = :verdicts',
      ExpressionAttributeValues: { ':verdicts': verdicts },
    }),
  );
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
