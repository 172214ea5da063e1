import { type Table, transact } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { idInName } from './execution-name.ts';
import { type JobExecution, readExecution, requireExecution } from './job-execution.ts';
import { KEYS } from './keys.ts';
import type { FindEnding } from './liveness.ts';
import { type Lock, readState } from './lock.ts';
import { registerExecution } from './register.ts';

export interface BeginDependencies {
  executionsTable: Table;
  findEnding: FindEnding;
  now: () => Date;
  /** If true, every run is a dry run. */
  dryRunOnly: boolean;
}

export interface Begun {
  execution: JobExecution;
  /** The execution had begun before: Step Functions repeated the invocation, or the local machine was restarted. */
  again: boolean;
  /** The lock of an execution that was no longer running. */
  tookOver?: Lock;
}

/**
 * Claims the lock for the execution that Step Functions runs, and sets its status to STARTED. An execution that was
 * registered beforehand already holds the lock. Any other one, started in the console or the CLI with whatever input,
 * is registered here.
 * @throws SyncError `JobExecutionAlreadyRunning`; `ExecutionSuperseded` if it loses the lock meanwhile.
 */
export async function claimLock(dependencies: BeginDependencies, executionArn: string): Promise<Begun> {
  const { executionsTable, dryRunOnly } = dependencies;
  const { active } = await readState(executionsTable);
  if (active?.executionArn === executionArn) return begin(dependencies, active);
  if (await hasRecord(executionsTable, executionArn)) {
    throw new SyncError('ExecutionSuperseded', `${executionArn} was ended before it began`);
  }
  const registered = await registerExecution(dependencies, {
    trigger: 'console',
    startedBy: executionArn,
    options: { dryRun: dryRunOnly },
    executionArn: () => executionArn,
  });
  if (registered.kind !== 'registered') throw new Error('nothing else can have registered this start');
  const { execution, tookOver } = registered;
  const begun = await begin(dependencies, { ...execution, status: 'STARTING' });
  return { ...begun, ...(tookOver && { tookOver }) };
}

/**
 * Whether this execution has a record, which is found by the id in its name. If it has one but does not hold the lock,
 * the record has ended: it was abandoned, or taken for dead, before Step Functions started the execution.
 */
async function hasRecord(executionsTable: Table, executionArn: string): Promise<boolean> {
  const id = idInName(executionArn);
  if (id === undefined) return false;
  return (await readExecution(executionsTable, id))?.executionArn === executionArn;
}

type HeldLock = Pick<Lock, 'jobExecutionId' | 'executionArn' | 'status' | 'stopRequestedBy'>;

async function begin(dependencies: BeginDependencies, lock: HeldLock): Promise<Begun> {
  const { executionsTable } = dependencies;
  const again = lock.status === 'STARTED';
  if (!again && !(await markStarted(dependencies, lock))) {
    const { active } = await readState(executionsTable);
    if (active?.executionArn === lock.executionArn) return begin(dependencies, active);
    throw new SyncError('ExecutionSuperseded', `${lock.executionArn} lost the lock before it began`);
  }
  return { execution: await requireExecution(executionsTable, lock.jobExecutionId), again };
}

/** @returns false if a stop was requested since the lock was read. The record must then become STOPPING. */
async function markStarted(
  { executionsTable, now }: BeginDependencies,
  { jobExecutionId, executionArn, stopRequestedBy }: HeldLock,
): Promise<boolean> {
  const isAsRead = stopRequestedBy === undefined ? 'attribute_not_exists' : 'attribute_exists';
  const broken = await transact(executionsTable, [
    {
      Update: {
        TableName: executionsTable.name,
        Key: KEYS.state(),
        UpdateExpression: 'SET active.#status = :started',
        ConditionExpression: `active.executionArn = :arn AND ${isAsRead}(active.stopRequestedBy)`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':started': 'STARTED', ':arn': executionArn },
      },
    },
    {
      Update: {
        TableName: executionsTable.name,
        Key: KEYS.execution(jobExecutionId),
        UpdateExpression: 'SET #status = :status, startTime = :now, lastUpdated = :now',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':status': stopRequestedBy === undefined ? 'STARTED' : 'STOPPING',
          ':now': now().toISOString(),
        },
      },
    },
  ]);
  return !broken;
}
