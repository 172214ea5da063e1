import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import { GITHUB_PARTITION, JOB_PARTITION as JOB } from '../shared/contract/names.ts';

/** Key of a row of the JobExecutions table. A type, because an interface is not assignable to an index type. */
type RecordKey = { pk: string; sk: string };

/**
 * Version of the rows of this table, to be raised when their meaning changes. EXECUTION stores it for itself, LISTING
 * for all working rows of its run. STATE has none, because every release must be able to read the lock.
 */
export const RECORDS_VERSION = 2;

// Sort keys are ordered as text: padding puts 2 before 10. Ten digits last for a century of three runs a second.
const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');

const workingRow = (id: JobExecutionId, sk: string): RecordKey => ({
  pk: `EXECUTION#${padded(id, 10)}`,
  sk,
});

/** Keys of the JobExecutions table. */
export const KEYS = {
  state: (): RecordKey => ({ pk: JOB, sk: 'STATE' }),
  execution: (id: JobExecutionId): RecordKey => ({ pk: JOB, sk: `EXECUTION#${padded(id, 10)}` }),
  /** What is remembered of the webhook of the organization, or of the App, from one run to the next. */
  knownWebhook: (): RecordKey => ({ pk: JOB, sk: 'ORGANIZATION_WEBHOOK' }),
  /** What is remembered of the bank, and of how fast GitHub answers, from one run to the next. */
  bankMemory: (): RecordKey => ({ pk: JOB, sk: 'BANK_MEMORY' }),
  /** `slot` is the scheduled minute, `2026-11-23T09:00`. */
  scheduled: (slot: string): RecordKey => ({ pk: JOB, sk: `SCHEDULED#${slot}` }),
  /** One row for all executions, because GitHub's hour does not start again with each of them. */
  webhookWrites: (): RecordKey => ({ pk: JOB, sk: 'WEBHOOK_WRITES' }),
  // The next two have a partition of their own, because functions outside a run may write them, but no records.
  githubWaits: (): RecordKey => ({ pk: GITHUB_PARTITION, sk: 'WAITS' }),
  /** How many items deliveries have removed since the last full run. */
  deliveryRemovals: (): RecordKey => ({ pk: GITHUB_PARTITION, sk: 'DELIVERY_REMOVALS' }),

  /** The partition of an execution's working rows. */
  workingRows: (id: JobExecutionId): Pick<RecordKey, 'pk'> => ({ pk: workingRow(id, '').pk }),
  listing: (id: JobExecutionId): RecordKey => workingRow(id, 'LISTING'),
  removal: (id: JobExecutionId): RecordKey => workingRow(id, 'REMOVAL'),
  /** The webhook of the organization, or of the App, as this run found and left it. */
  sharedWebhook: (id: JobExecutionId): RecordKey => workingRow(id, 'ORGANIZATION_WEBHOOK'),
  requests: (id: JobExecutionId): RecordKey => workingRow(id, 'REQUESTS'),
  batch: (id: JobExecutionId, batch: number): RecordKey => workingRow(id, `BATCH#${padded(batch, 5)}`),
  progress: (id: JobExecutionId, batch: number): RecordKey => workingRow(id, `PROGRESS#${padded(batch, 5)}`),
  item: (id: JobExecutionId, itemBankId: ItemBankId): RecordKey => workingRow(id, `ITEM#${itemBankId}`),
};

// Long enough to investigate a run of last month. DynamoDB removes expired rows within a few more days.
const WORKING_ROW_DAYS = 30;
const DAY_SECONDS = 86_400;

/** Until when no working row of a run is deleted. A run writes none before `createTime`. */
export const workingRowsKeptUntil = ({ createTime }: { createTime: string }): Date =>
  new Date(Date.parse(createTime) + WORKING_ROW_DAYS * DAY_SECONDS * 1_000);

/** The table's TTL attribute, in epoch seconds, for rows that only the run and its investigation need. */
export function expiry(now: Date): { expiresAt: number } {
  return { expiresAt: Math.floor(now.getTime() / 1_000) + WORKING_ROW_DAYS * DAY_SECONDS };
}
