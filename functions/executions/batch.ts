import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { Failure, Reason } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { NO_REQUESTS, type RequestCounts } from '../shared/contract/requests.ts';
import { getRow, putRows, queryRows, type Row, type Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import {
  FailureCodec,
  ItemBankIdCodec,
  ListedRepositoryCodec,
  parseRow,
  withFormerNames,
} from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import { type ItemResult, isReported } from './item-result.ts';
import { expiry, KEYS } from './keys.ts';
import { PackedRepositoriesCodec, packRepositories } from './packed-repositories.ts';
import { addResults, type BatchProgress, ProgressCodec } from './progress.ts';

/** What GitHub said of a candidate for removal. */
export type Verdict =
  | {
      kind: 'remove';
      reason: Extract<Reason, 'DELETED' | 'TRANSFERRED' | 'IGNORED'>;
      /** Of the item's row, as it was before GitHub was asked. Earlier releases did not store it. */
      version?: number;
    }
  /** The listing missed it, so it is synchronized. */
  | { kind: 'keep'; repository: ListedRepository }
  | { kind: 'failed'; failure: Failure };

/** Verdicts by item bank id, as text because the keys of a map are. */
export type Verdicts = Record<string, Verdict>;

const VerdictCodec: z.ZodMiniType<Verdict> = withFormerNames(
  { trouble: 'failure' },
  z.union([
    z.object({
      kind: z.literal('remove'),
      reason: z.enum(['DELETED', 'TRANSFERRED', 'IGNORED']),
      version: z.exactOptional(z.number()),
    }),
    z.object({ kind: z.literal('keep'), repository: ListedRepositoryCodec }),
    z.object({ kind: z.literal('failed'), failure: FailureCodec }),
  ]),
);

// z.record would add 3 KB to each bundle.
const VerdictsCodec: z.ZodMiniType<Verdicts> = z.pipe(
  z.looseObject({}),
  z.transform((verdicts) =>
    Object.fromEntries(
      Object.entries(verdicts).map(([id, verdict]) => [
        id,
        parseRow(VerdictCodec, verdict, `the verdict on ${id}`),
      ]),
    ),
  ),
);

const BatchCodec = z.object({
  // The previous release stored a list, and in `remaining` what PROGRESS has now.
  repositories: z.union([PackedRepositoriesCodec, z.array(ListedRepositoryCodec)]),
  remaining: z.exactOptional(z.array(ItemBankIdCodec)),
  /** Only of a batch of candidates for removal. */
  verdicts: z._default(VerdictsCodec, {}),
});

/** The BATCH row, which does not change while the batch is worked on. */
export function batchRow(
  id: JobExecutionId,
  batch: number,
  { repositories, expiresAt }: { repositories: readonly ListedRepository[]; expiresAt: number },
): Row {
  return { ...KEYS.batch(id, batch), repositories: packRepositories(repositories), expiresAt };
}

/** Reads the repositories of every batch, in the order of the batches. */
export async function* readBatchRepositories(
  executionsTable: Table,
  id: JobExecutionId,
): AsyncGenerator<ListedRepository[]> {
  const rows = queryRows(executionsTable, { partition: KEYS.workingRows(id), prefix: 'BATCH#' });
  for await (const row of rows) {
    yield parseRow(BatchCodec, row, `the row ${row['sk']} of job execution ${id}`).repositories;
  }
}

export interface BatchWork {
  repositories: ListedRepository[];
  /** Repositories that are not done yet. */
  remaining: ListedRepository[];
  progress: BatchProgress;
  /** Names the call that wrote PROGRESS; undefined if there is no such row. */
  recordedBy: string | undefined;
  verdicts: Verdicts;
}

const RecordedProgressCodec = z.extend(ProgressCodec, {
  remaining: z.exactOptional(z.array(ItemBankIdCodec)),
  recordedBy: z.exactOptional(z.string()),
});

/** @throws SyncError `RowMissing`, `RowInvalid`. */
export async function readBatch(
  executionsTable: Table,
  id: JobExecutionId,
  batch: number,
): Promise<BatchWork> {
  const [row, recorded] = await Promise.all([
    getRow(executionsTable, KEYS.batch(id, batch)),
    getRow(executionsTable, KEYS.progress(id, batch)),
  ]);
  if (!row) throw new SyncError('RowMissing', `job execution ${id} has no batch ${batch}`);
  const { repositories, verdicts, ...former } = parseRow(
    BatchCodec,
    row,
    `batch ${batch} of job execution ${id}`,
  );
  const {
    remaining = former.remaining,
    recordedBy,
    ...progress
  } = parseRow(
    RecordedProgressCodec,
    recorded ?? {},
    `the progress of batch ${batch} of job execution ${id}`,
  );
  const left = remaining && new Set(remaining);
  return {
    repositories,
    remaining: left ? repositories.filter(({ itemBankId }) => left.has(itemBankId)) : repositories,
    progress,
    recordedBy,
    verdicts,
  };
}

export interface BatchRecord {
  id: JobExecutionId;
  batch: number;
  work: BatchWork;
  /** Requests of this invocation to GitHub, unless another row counts them. */
  used?: RequestCounts;
}

export interface BatchDependencies {
  executionsTable: Table;
  now: () => Date;
}

/**
 * Records results: the PROGRESS row counts them and their requests and has the remaining ids, and each result that is
 * not ordinary has an ITEM row.
 * @returns the new progress, or undefined if another invocation recorded results since `work` was read.
 */
export async function recordResults(
  { executionsTable, now }: BatchDependencies,
  { id, batch, work, used = NO_REQUESTS }: BatchRecord,
  results: readonly ItemResult[],
): Promise<BatchProgress | undefined> {
  if (results.length === 0 && isDeepStrictEqual(used, NO_REQUESTS)) return work.progress;
  const ttl = expiry(now());
  await putRows(
    executionsTable,
    results.filter(isReported).map((result) => ({
      ...KEYS.item(id, result.itemBankId),
      ...result,
      webhookLeft: result.webhookFound,
      ...ttl,
    })),
  );
  const progress = addResults(work.progress, results, used);
  const done = new Set(results.map(({ itemBankId }) => itemBankId));
  const remaining = work.remaining.flatMap(({ itemBankId }) => (done.has(itemBankId) ? [] : [itemBankId]));
  const row = {
    ...KEYS.progress(id, batch),
    batch,
    ...progress,
    remaining,
    recordedBy: randomUUID(),
    ...ttl,
  };
  return (await replaceProgress(executionsTable, row, work.recordedBy)) ? progress : undefined;
}

/** @returns false if the row is no longer the one that `recordedBy` wrote. */
async function replaceProgress(
  executionsTable: Table,
  row: Row & ReturnType<typeof KEYS.progress> & { recordedBy: string },
  recordedBy: string | undefined,
): Promise<boolean> {
  try {
    await executionsTable.client.send(
      new PutCommand({
        TableName: executionsTable.name,
        Item: row,
        // A row of the previous release has no `recordedBy` either.
        ConditionExpression:
          recordedBy === undefined ? 'attribute_not_exists(recordedBy)' : 'recordedBy = :before',
        ...(recordedBy !== undefined && { ExpressionAttributeValues: { ':before': recordedBy } }),
      }),
    );
    return true;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // The SDK sends a request again if the answer is lost. The first one may have written the row.
    const { pk, sk } = row;
    const found = await getRow(executionsTable, { pk, sk });
    return found?.['recordedBy'] === row.recordedBy;
  }
}

/** Records the verdicts of a batch of candidates for removal. */
export async function recordVerdicts(
  executionsTable: Table,
  { id, batch }: Pick<BatchRecord, 'id' | 'batch'>,
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
