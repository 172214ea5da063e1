import { JOB_NAME } from '../contract.ts';
import type { Key } from '../dynamodb.ts';
import type { ItemBankId, JobExecutionId } from '../vocabulary.ts';

const JOB = `JOB#${JOB_NAME}`;

// Sort keys order as text: ids are padded so that 2 comes before 10. Ten digits are three runs a second for a century.
const padded = (id: JobExecutionId): string => String(id).padStart(10, '0');
const paddedBatch = (batch: number): string => String(batch).padStart(5, '0');

const executionPartition = (id: JobExecutionId): string => `EXECUTION#${padded(id)}`;

/** Keys of the JobExecutions table. */
export const KEYS = {
  state: (): Key => ({ pk: JOB, sk: 'STATE' }),
  execution: (id: JobExecutionId): Key => ({ pk: JOB, sk: `EXECUTION#${padded(id)}` }),
  /** `slot` is the scheduled minute, `2026-11-23T09:00`. */
  scheduled: (slot: string): Key => ({ pk: JOB, sk: `SCHEDULED#${slot}` }),
  listing: (id: JobExecutionId): Key => ({ pk: executionPartition(id), sk: 'LISTING' }),
  batch: (id: JobExecutionId, batch: number): Key => ({
    pk: executionPartition(id),
    sk: `BATCH#${paddedBatch(batch)}`,
  }),
  progress: (id: JobExecutionId, batch: number): Key => ({
    pk: executionPartition(id),
    sk: `PROGRESS#${paddedBatch(batch)}`,
  }),
  item: (id: JobExecutionId, itemBankId: ItemBankId): Key => ({
    pk: executionPartition(id),
    sk: `ITEM#${itemBankId}`,
  }),
};
