import type { JobExecutionId } from '../shared/contract/ids.ts';
import {
  BATCH_STATUSES,
  type BatchStatus,
  EXIT_CODES,
  type ExitCode,
  type RunOptions,
  TRIGGERS,
  type Trigger,
} from '../shared/contract/job-execution.ts';
import type { Forecast, RequestCounts } from '../shared/contract/requests.ts';
import { getRow, type Row, type Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { assertReadable, JobExecutionIdCodec, parseRow } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import { KEYS, RECORDS_VERSION } from './keys.ts';
import { ForecastCodec, RequestCountsCodec } from './requests.ts';
import { NO_WEBHOOKS, WebhookCountsCodec } from './webhook-counts.ts';

/** One run of the Item Synchronization Process, as the history keeps it. Times are ISO 8601. */
export interface JobExecution {
  jobExecutionId: JobExecutionId;
  status: BatchStatus;
  trigger: Trigger;
  /** The token's subject, the rule's ARN, or the execution's own ARN. */
  startedBy: string;
  executionArn: string;
  options: RunOptions;
  createTime: string;
  lastUpdated: string;
  startTime?: string;
  endTime?: string;
  exitCode?: ExitCode;
  exitMessage?: string;
  /** The run that restarted this one. */
  restartedBy?: JobExecutionId;
  /** The run whose record this one closed when it took over its lock. */
  tookOver?: JobExecutionId;
  /** Who requested that the run be stopped or abandoned. */
  stoppedBy?: string;
  counts?: Counts;
  /** The requests to GitHub that were expected, once the bank was listed. */
  forecast?: Forecast;
  /** The requests to GitHub of a run that reached its end. */
  requests?: RequestCounts;
}

// A record of an earlier release has no count of what that release did not count.
const count = z._default(z.number(), 0);

/** Numbers of item bank ids: by outcome, and by the state of their project webhook. */
export type Counts = z.output<typeof CountsCodec>;
export const CountsCodec = z.object({
  /** Ids that the listing found. */
  total: count,
  created: count,
  updated: count,
  derived: count,
  unchanged: count,
  removed: count,
  deferred: count,
  failed: count,
  /** Ids whose item.json has values that could not be read, and that the mirror therefore leaves out. */
  itemsWithFieldIssues: count,
  /** Ids by the state in which the run left their project webhook; or the one webhook for all of them. */
  webhooks: z._default(WebhookCountsCodec, NO_WEBHOOKS),
  /** Webhooks that were found switched off. */
  webhooksDisabled: count,
  /** Webhooks that were found with another secret than the current one. */
  webhooksWronglyKeyed: count,
  /** Repositories with further webhooks that point to this service. */
  webhooksDuplicated: count,
  /** Only while the secret is being replaced: webhooks that do not have the new one yet, or may not have it. */
  webhooksWithOtherSecret: z.exactOptional(z.number()),
  /** Ids whose item changed although their webhook was in order and no delivery announced the change. */
  changedWithoutDelivery: count,
  /** Changed ids for which that cannot be decided. */
  changedWithUnknownDelivery: count,
  requiringProjectWebhook: count,
  /** Missing webhooks that could not be created. */
  webhooksNotCreated: count,
  /** Project webhooks that exist with other settings than the wanted ones. */
  webhooksDiffering: count,
  /** Differing webhooks that could not be repaired. */
  webhooksNotRepaired: count,
  /** Repositories whose webhooks could not be checked. */
  webhooksNotChecked: count,
});

/** How an execution ends. */
export interface Ending {
  status: Extract<BatchStatus, 'COMPLETED' | 'FAILED' | 'STOPPED' | 'ABANDONED'>;
  exitCode: ExitCode;
  exitMessage: string;
  counts?: Counts;
  requests?: RequestCounts;
  /** Whether each item of the mirror was compared with the bank, or is marked because it was not. */
  comparedBank?: boolean;
  /** Who requested this end. If the record already names somebody, it keeps that name. */
  stoppedBy?: string;
}

// The width of Spring Batch's column EXIT_MESSAGE, which the operators' reports expect.
const EXIT_MESSAGE_LENGTH = 2_500;

export function failedWith(error: string, cause: string): Ending {
  const exitMessage = `${error}: ${cause}`.slice(0, EXIT_MESSAGE_LENGTH);
  return { status: 'FAILED', exitCode: 'FAILED', exitMessage };
}

export const RunOptionsCodec: z.ZodMiniType<RunOptions> = z.object({
  dryRun: z.boolean(),
  removalLimitPercent: z.exactOptional(z.number()),
  restartOf: z.exactOptional(JobExecutionIdCodec),
});

const ExecutionCodec: z.ZodMiniType<JobExecution> = z.looseObject({
  jobExecutionId: JobExecutionIdCodec,
  status: z.enum(BATCH_STATUSES),
  trigger: z.enum(TRIGGERS),
  startedBy: z.string(),
  executionArn: z.string(),
  options: RunOptionsCodec,
  createTime: z.string(),
  lastUpdated: z.string(),
  startTime: z.exactOptional(z.string()),
  endTime: z.exactOptional(z.string()),
  exitCode: z.exactOptional(z.enum(EXIT_CODES)),
  exitMessage: z.exactOptional(z.string()),
  restartedBy: z.exactOptional(JobExecutionIdCodec),
  tookOver: z.exactOptional(JobExecutionIdCodec),
  stoppedBy: z.exactOptional(z.string()),
  counts: z.exactOptional(CountsCodec),
  forecast: z.exactOptional(ForecastCodec),
  requests: z.exactOptional(RequestCountsCodec),
});

/** @throws SyncError `RowTooNew`, `RowInvalid`. */
export async function readExecution(
  executionsTable: Table,
  id: JobExecutionId,
): Promise<JobExecution | undefined> {
  const row = await getRow(executionsTable, KEYS.execution(id));
  return row && parseExecution(row, id);
}

/** @throws SyncError `RowTooNew`, `RowInvalid`. */
export function parseExecution(row: Row, id: JobExecutionId): JobExecution {
  assertReadable(row, RECORDS_VERSION);
  return parseRow(ExecutionCodec, row, `the record of job execution ${id}`);
}

/** @throws SyncError `RowMissing`, `RowTooNew`, `RowInvalid`. */
export async function requireExecution(executionsTable: Table, id: JobExecutionId): Promise<JobExecution> {
  const execution = await readExecution(executionsTable, id);
  if (!execution) throw new SyncError('RowMissing', `job execution ${id} has no record`);
  return execution;
}

/**
 * Reads the record for a job execution id from a request.
 * @throws SyncError `ExecutionNotFound`, `RowTooNew`, `RowInvalid`.
 */
export async function readRequestedExecution(
  executionsTable: Table,
  id: JobExecutionId,
): Promise<JobExecution> {
  const execution = await readExecution(executionsTable, id);
  if (!execution) throw new SyncError('ExecutionNotFound', `there is no job execution ${id}`);
  return execution;
}
