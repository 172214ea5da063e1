import { type JobExecutionId, jobExecutionId } from '../shared/contract/ids.ts';
import type { RunOptions, Trigger } from '../shared/contract/job-execution.ts';
import { JOB_NAME } from '../shared/contract/names.ts';
import type { RunningJob } from '../shared/contract/routes.ts';
import { getRow, type Row, type Table, type TransactionAction, transact } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { type JobExecution, requireExecution } from './job-execution.ts';
import { expiry, KEYS, RECORDS_VERSION } from './keys.ts';
import type { FindEnding } from './liveness.ts';
import { endRecord, type JobState, type Lock, readState } from './lock.ts';

export interface Registration {
  trigger: Trigger;
  startedBy: string;
  options: RunOptions;
  executionArn: (id: JobExecutionId) => string;
  /** The scheduled minute, for a start by schedule. */
  slot?: string;
}

export interface RegisterDependencies {
  executionsTable: Table;
  findEnding: FindEnding;
  now: () => Date;
}

export type Registered =
  | { kind: 'registered'; execution: JobExecution; tookOver?: Lock }
  | { kind: 'slot-taken' }
  /** The run that was to be restarted has a restart already. */
  | { kind: 'restarted'; by: JobExecutionId };

// Each failed attempt means that another caller took the lock, and the next reading finds that caller's execution. More
// than a few failures in a row would need as many starts and ends within milliseconds.
const ATTEMPTS = 5;

/**
 * Writes lock, id and record in one transaction, so that none of them exists without the others. The same transaction
 * takes over the lock of an execution that is no longer running, and ends its record. For a restart, it also writes the
 * id of the new run into the record of the run that is restarted, which must have ended.
 * @throws SyncError `JobExecutionAlreadyRunning` with the details of a `RunningJob`.
 */
export async function registerExecution(
  { executionsTable, findEnding, now }: RegisterDependencies,
  registration: Registration,
): Promise<Registered> {
  const { slot } = registration;
  const { restartOf } = registration.options;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const state = await readState(executionsTable);
    const { active } = state;
    // Checked before the lock, because the execution that holds it may be the one that this slot started.
    const isSlotTaken =
      slot !== undefined && (await getRow(executionsTable, KEYS.scheduled(slot))) !== undefined;
    if (isSlotTaken) return { kind: 'slot-taken' };
    const restarted = restartOf && (await requireExecution(executionsTable, restartOf));
    if (restarted?.restartedBy !== undefined) return { kind: 'restarted', by: restarted.restartedBy };
    const ending = active && (await findEnding(active));
    if (active && !ending) throw alreadyRunning(active);
    const execution = newExecution(registration, state, now());
    const broken = await transact(executionsTable, [
      takeLock(executionsTable, state, execution),
      ...(active && ending
        ? [endRecord(executionsTable, active, { ...ending, endTime: execution.createTime })]
        : []),
      ...(restartOf === undefined ? [] : [linkRestart(executionsTable, restartOf, execution)]),
      ...newRows(execution, slot).map((row) => ({
        Put: {
          TableName: executionsTable.name,
          Item: row,
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      })),
    ]);
    if (!broken) return { kind: 'registered', execution, ...(active && { tookOver: active }) };
  }
  throw new SyncError('JobExecutionAlreadyRunning', 'other callers kept taking the lock');
}

export function alreadyRunning({ jobExecutionId, executionArn, options }: Lock): SyncError {
  const details: RunningJob = { jobExecutionId, executionArn, dryRun: options.dryRun };
  return new SyncError('JobExecutionAlreadyRunning', `job execution ${jobExecutionId} is running`, {
    details,
  });
}

/**
 * Writes the id of the new run into the record of the run that it restarts. Fails if that one has a restart already.
 */
function linkRestart(
  executionsTable: Table,
  restartOf: JobExecutionId,
  { jobExecutionId, createTime }: JobExecution,
): TransactionAction {
  return {
    Update: {
      TableName: executionsTable.name,
      Key: KEYS.execution(restartOf),
      UpdateExpression: 'SET restartedBy = :id, lastUpdated = :now',
      ConditionExpression: 'attribute_exists(exitCode) AND attribute_not_exists(restartedBy)',
      ExpressionAttributeValues: { ':id': jobExecutionId, ':now': createTime },
    },
  };
}

function newExecution(
  { trigger, startedBy, options, executionArn }: Registration,
  { lastJobExecutionId, active }: JobState,
  now: Date,
): JobExecution {
  const id = jobExecutionId(lastJobExecutionId + 1);
  const createTime = now.toISOString();
  return {
    jobExecutionId: id,
    status: 'STARTING',
    trigger,
    startedBy,
    options,
    executionArn: executionArn(id),
    createTime,
    lastUpdated: createTime,
    ...(active && { tookOver: active.jobExecutionId }),
  };
}

function takeLock(executionsTable: Table, { active }: JobState, execution: JobExecution): TransactionAction {
  const { jobExecutionId: id, executionArn, createTime, options } = execution;
  const lock: Lock = { jobExecutionId: id, executionArn, status: 'STARTING', since: createTime, options };
  const isAsRead = active
    ? 'active.executionArn = :holder AND active.jobExecutionId = :heldId'
    : 'attribute_not_exists(active)';
  return {
    Update: {
      TableName: executionsTable.name,
      Key: KEYS.state(),
      UpdateExpression: 'SET lastJobExecutionId = :id, active = :lock',
      ConditionExpression: `${isAsRead} AND (attribute_not_exists(pk) OR lastJobExecutionId = :last)`,
      ExpressionAttributeValues: {
        ':id': id,
        ':last': id - 1,
        ':lock': lock,
        ...(active && { ':holder': active.executionArn, ':heldId': active.jobExecutionId }),
      },
    },
  };
}

/** The record, and the row that tells a second delivery of the scheduled minute that the first one was registered. */
function newRows(execution: JobExecution, slot: string | undefined): Row[] {
  const { jobExecutionId, createTime } = execution;
  const record = {
    ...KEYS.execution(jobExecutionId),
    schemaVersion: RECORDS_VERSION,
    name: JOB_NAME,
    ...execution,
  };
  if (slot === undefined) return [record];
  return [record, { ...KEYS.scheduled(slot), jobExecutionId, ...expiry(new Date(createTime)) }];
}
