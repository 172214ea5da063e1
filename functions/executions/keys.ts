import type { ItemBankId, JobExecutionId } from '../shared/contract/ids.ts';
import { JOB_NAME } from '../shared/contract/names.ts';

/** Key of a row of the JobExecutions table. A type, so that it is an index type too. */
type RecordKey = { pk: string; sk: string };

/**
 * Raised when rows of this table are to be read differently. EXECUTION says it for itself, LISTING for all working rows
 * of its run. STATE does not: every release has to be able to read the lock.
 */
export const RECORDS_VERSION = 1;

const JOB = `JOB#${JOB_NAME}`;

// Sort keys order as text: ids are padded so that 2 comes before 10. Ten digits are three runs a second for a century.
const padded = (id: JobExecutionId): string => String(id).padStart(10, '0');
const paddedBatch = (batch: number): string => String(batch).padStart(5, '0');

const executionPartition = (id: JobExecutionId): string => `EXECUTION#${padded(id)}`;

/** Keys of the JobExecutions table. */
export const KEYS = {
  state: (): RecordKey => ({ pk: JOB, sk: 'STATE' }),
  execution: (id: JobExecutionId): RecordKey => ({ pk: JOB, sk: `EXECUTION#${padded(id)}` }),
  /** What is remembered of the organization's webhook. */
  knownWebhook: (): RecordKey => ({ pk: JOB, sk: 'ORGANIZATION_WEBHOOK' }),
  /** `slot` is the scheduled minute, `2026-11-23T09:00`. */
  scheduled: (slot: string): RecordKey => ({ pk: JOB, sk: `SCHEDULED#${slot}` }),
  /** The partition of an execution's working rows. */
  workingRows: (id: JobExecutionId): Pick<RecordKey, 'pk'> => ({ pk: executionPartition(id) }),
  listing: (id: JobExecutionId): RecordKey => ({ pk: executionPartition(id), sk: 'LISTING' }),
  removal: (id: JobExecutionId): RecordKey => ({ pk: executionPartition(id), sk: 'REMOVAL' }),
  /** What the run saw of the organization's webhook. */
  organizationWebhook: (id: JobExecutionId): RecordKey => ({
    pk: executionPartition(id),
    sk: 'ORGANIZATION_WEBHOOK',
  }),
  /** Of all executions: GitHub's hour does not begin anew with each. */
  webhookWrites: (): RecordKey => ({ pk: JOB, sk: 'WEBHOOK_WRITES' }),
  requests: (id: JobExecutionId): RecordKey => ({ pk: executionPartition(id), sk: 'REQUESTS' }),
  batch: (id: JobExecutionId, batch: number): RecordKey => ({
    pk: executionPartition(id),
    sk: `BATCH#${paddedBatch(batch)}`,
  }),
  progress: (id: JobExecutionId, batch: number): RecordKey => ({
    pk: executionPartition(id),
    sk: `PROGRESS#${paddedBatch(batch)}`,
  }),
  item: (id: JobExecutionId, itemBankId: ItemBankId): RecordKey => ({
    pk: executionPartition(id),
    sk: `ITEM#${itemBankId}`,
  }),
};
