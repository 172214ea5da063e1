import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { Failure, Reason } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { NO_REQUESTS, type RequestCounts } from '../shared/contract/requests.ts';
import { getRow, putRows, queryRows, type Row, type Table, transact } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import {
  FailureCodec,
  ItemBankIdCodec,
  ListedRepositoryCodec,
  parseRow,
  withFormerNames,
} from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import type { ItemResult } from './item-result.ts';
import { expiry, KEYS } from './keys.ts';
import { addResults, type BatchProgress, ProgressCodec } from './progress.ts';

/** What GitHub said of a candidate for removal. */
export type Verdict =
  | { kind: 'remove'; reason: Extract<Reason, 'DELETED' | 'TRANSFERRED' | 'IGNORED'> }
  /** The listing missed it, so it is synchronized. */
  | { kind: 'keep'; repository: ListedRepository }
  | { kind: 'failed'; failure: Failure };

/** Verdicts by item bank id, as text because the keys of a map are. */
export type Verdicts = Record<string, Verdict>;

const VerdictCodec: z.ZodMiniType<Verdict> = withFormerNames(
  { trouble: 'failure' },
  z.union([
    z.object({ kind: z.literal('remove'), reason: z.enum(['DELETED', 'TRANSFERRED', 'IGNORED']) }),
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
  repositories: z.array(ListedRepositoryCodec),
  remaining: z.array(ItemBankIdCodec),
  /** Only of a batch of candidates for removal. */
  verdicts: z._default(VerdictsCodec, {}),
});

/** The BATCH row of a batch of which nothing is done yet. */
export function batchRow(
  id: JobExecutionId,
  batch: number,
  { repositories, expiresAt }: { repositories: readonly ListedRepository[]; expiresAt: number },
): Row {
  const remaining = repositories.map(({ itemBankId }) => itemBankId);
  return { ...KEYS.batch(id, batch), repositories, remaining, expiresAt };
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
  verdicts: Verdicts;
}

/** @throws SyncError `RowMissing`, `RowInvalid`. */
export async function readBatch(
  executionsTable: Table,
  id: JobExecutionId,
  batch: number,
): Promise<BatchWork> {
  const [row, progress] = await Promise.all([
    getRow(executionsTable, KEYS.batch(id, batch)),
    getRow(executionsTable, KEYS.progress(id, batch)),
  ]);
  if (!row) throw new SyncError('RowMissing', `job execution ${id} has no batch ${batch}`);
  const { repositories, remaining, verdicts } = parseRow(
    BatchCodec,
    row,
    `batch ${batch} of job execution ${id}`,
  );
  const left = new Set(remaining);
  return {
    repositories,
    remaining: repositories.filter(({ itemBankId }) => left.has(itemBankId)),
    progress: parseRow(
      ProgressCodec,
      progress ?? {},
      `the progress of batch ${batch} of job execution ${id}`,
    ),
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
 * Records results. One transaction counts them and their requests, and removes their ids from the remaining ones.
 * @returns the new progress, or undefined if another invocation recorded results since `work` was read.
 */
export async function recordResults(
  { executionsTable, now }: BatchDependencies,
  { id, batch, work, used = NO_REQUESTS }: BatchRecord,
  results: readonly ItemResult[],
): Promise<BatchProgress | undefined> {
  const ttl = expiry(now());
  await putRows(
    executionsTable,
    results.map((result) => ({
      ...KEYS.item(id, result.itemBankId),
      ...result,
      webhookLeft: result.webhookFound,
      ...ttl,
    })),
  );
  const progress = addResults(work.progress, results, used);
  const done = new Set(results.map(({ itemBankId }) => itemBankId));
  const left = work.remaining.flatMap(({ itemBankId }) => (done.has(itemBankId) ? [] : [itemBankId]));
  const broken = await transact(executionsTable, [
    {
      Put: {
        TableName: executionsTable.name,
        Item: { ...KEYS.progress(id, batch), batch, ...progress, ...ttl },
      },
    },
    {
      Update: {
        TableName: executionsTable.name,
        Key: KEYS.batch(id, batch),
        UpdateExpression: 'SET remaining = :left',
        ConditionExpression: 'size(remaining) = :before',
        ExpressionAttributeValues: { ':left': left, ':before': work.remaining.length },
      },
    },
  ]);
  return broken ? undefined : progress;
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
