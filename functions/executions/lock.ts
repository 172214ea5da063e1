import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { RunOptions } from '../shared/contract/job-execution.ts';
import { getRow, type Row, type Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { assertReadable } from '../shared/schema-version.ts';
import type { JobExecution } from './job-execution.ts';
import { KEYS, RECORDS_VERSION } from './keys.ts';

/** The execution that holds the lock. */
export interface Lock {
  jobExecutionId: JobExecutionId;
  executionArn: string;
  status: 'STARTING' | 'STARTED';
  /** ISO 8601, when the lock was taken. */
  since: string;
  /** They stand here because no input of a state machine is trusted. */
  options: RunOptions;
}

/** The job's one row of state: the id given last, and the lock. */
export interface JobState {
  lastJobExecutionId: number;
  active?: Lock;
}

export async function readState(executionsTable: Table): Promise<JobState> {
  const row = await getRow(executionsTable, KEYS.state());
  return row ? (row as Row & JobState) : { lastJobExecutionId: 0 };
}

/** @throws SyncError `RowTooNew`. */
export async function readExecution(
  executionsTable: Table,
  id: JobExecutionId,
): Promise<JobExecution | undefined> {
  const row = await getRow(executionsTable, KEYS.execution(id));
  if (row) assertReadable(row, RECORDS_VERSION);
  return row as (Row & JobExecution) | undefined;
}

/** @throws SyncError `RowMissing`, `RowTooNew`. */
export async function requireExecution(executionsTable: Table, id: JobExecutionId): Promise<JobExecution> {
  const execution = await readExecution(executionsTable, id);
  if (!execution) throw new SyncError('RowMissing', `job execution ${id} has no record`);
  return execution;
}

/**
 * The fence: called before a function touches anything on behalf of an execution.
 * @returns what the run was asked to do, and since when it holds the lock.
 * @throws SyncError `ExecutionSuperseded` when the lock names another execution, or none.
 */
export async function assertHoldsLock(
  executionsTable: Table,
  executionArn: string,
): Promise<RunOptions & Pick<Lock, 'since'>> {
  const { active } = await readState(executionsTable);
  if (active?.executionArn === executionArn) return { ...active.options, since: active.since };
  const holder = active ? `job execution ${active.jobExecutionId} holds it` : 'nobody holds it';
  throw new SyncError('ExecutionSuperseded', `${executionArn} does not hold the lock: ${holder}`);
}
