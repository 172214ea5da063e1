import { type JobExecutionId, jobExecutionId } from '../shared/contract/ids.ts';
import type { RunOptions } from '../shared/contract/job-execution.ts';
import { JOB_NAME } from '../shared/contract/names.ts';
import { getRow, type Table, type TransactionAction, transact } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import type { Ending, JobExecution, Trigger } from './job-execution.ts';
import { KEYS, RECORDS_VERSION } from './keys.ts';
import type { FindEnding } from './liveness.ts';
import { type JobState, type Lock, readState } from './lock.ts';
import { endRecord } from './record.ts';
import { expiry } from './working-rows.ts';

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
  | { kind: 'slot-taken' };

// Each lost race means that another caller won it, and a winner answers the next read. More than a few in a row
// would need as many starts and ends within milliseconds.
const ATTEMPTS = 5;

/**
 * Takes lock, id and record in one transaction, so that none is ever there without the others. A lock whose
 * execution is dead is taken over, and its record closed, in the same transaction.
 * @throws SyncError `JobExecutionAlreadyRunning` with `details.jobExecutionId`.
 */
export async function registerExecution(
  dependencies: RegisterDependencies,
  registration: Registration,
): Promise<Registered> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const state = await readState(dependencies.executionsTable);
    // Asked before the lock's holder is: that may be the very run which the slot has started.
    if (await isSlotTaken(dependencies.executionsTable, registration.slot)) return { kind: 'slot-taken' };
    const ending = await endingOfHolder(dependencies, state);
    const execution = newExecution(dependencies, registration, state);
    if (await take(dependencies, { registration, state, execution, ending })) {
      return { kind: 'registered', execution, ...(state.active && { tookOver: state.active }) };
    }
  }
  throw new SyncError('JobExecutionAlreadyRunning', 'other callers kept taking the lock');
}

async function isSlotTaken(executionsTable: Table, slot: string | undefined): Promise<boolean> {
  return slot !== undefined && (await getRow(executionsTable, KEYS.scheduled(slot))) !== undefined;
}

async function endingOfHolder(
  { findEnding }: RegisterDependencies,
  { active }: JobState,
): Promise<Ending | undefined> {
  if (!active) return undefined;
  const ending = await findEnding(active);
  if (ending) return ending;
  throw new SyncError('JobExecutionAlreadyRunning', `job execution ${active.jobExecutionId} is running`, {
    details: { jobExecutionId: active.jobExecutionId },
  });
}

function newExecution(
  { now }: RegisterDependencies,
  { trigger, startedBy, options, executionArn }: Registration,
  { lastJobExecutionId }: JobState,
): JobExecution {
  const id = jobExecutionId(lastJobExecutionId + 1);
  const createTime = now().toISOString();
  return {
    jobExecutionId: id,
    status: 'STARTING',
    trigger,
    startedBy,
    options,
    executionArn: executionArn(id),
    createTime,
    lastUpdated: createTime,
  };
}

interface Take {
  registration: Registration;
  state: JobState;
  execution: JobExecution;
  ending: Ending | undefined;
}

async function take(
  { executionsTable }: RegisterDependencies,
  { registration: { slot }, state, execution, ending }: Take,
): Promise<boolean> {
  const { active } = state;
  const broken = await transact(executionsTable, [
    takeLock(executionsTable, state, execution),
    putRecord(executionsTable, execution),
    ...(active && ending
      ? [endRecord(executionsTable, active.jobExecutionId, ending, execution.createTime)]
      : []),
    ...(slot === undefined ? [] : [putSlot(executionsTable, slot, execution)]),
  ]);
  return broken === undefined;
}

function putRecord(executionsTable: Table, execution: JobExecution): TransactionAction {
  return {
    Put: {
      TableName: executionsTable.name,
      Item: {
        ...KEYS.execution(execution.jobExecutionId),
        schemaVersion: RECORDS_VERSION,
        name: JOB_NAME,
        ...execution,
      },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  };
}

function takeLock(executionsTable: Table, { active }: JobState, execution: JobExecution): TransactionAction {
  const lock: Lock = {
    jobExecutionId: execution.jobExecutionId,
    executionArn: execution.executionArn,
    status: 'STARTING',
    since: execution.createTime,
    options: execution.options,
  };
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
        ':id': execution.jobExecutionId,
        ':last': execution.jobExecutionId - 1,
        ':lock': lock,
        ...(active && { ':holder': active.executionArn, ':heldId': active.jobExecutionId }),
      },
    },
  };
}

function putSlot(executionsTable: Table, slot: string, execution: JobExecution): TransactionAction {
  return {
    Put: {
      TableName: executionsTable.name,
      Item: {
        ...KEYS.scheduled(slot),
        jobExecutionId: execution.jobExecutionId,
        ...expiry(new Date(execution.createTime)),
      },
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  };
}
