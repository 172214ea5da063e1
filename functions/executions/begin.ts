import { type Table, transact } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { type JobExecution, requireExecution } from './job-execution.ts';
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
  if (active?.executionArn === executionArn) {
    const again = active.status === 'STARTED';
    if (!again) await markStarted(dependencies, active);
    return { execution: await requireExecution(executionsTable, active.jobExecutionId), again };
  }
  const registered = await registerExecution(dependencies, {
    trigger: 'console',
    startedBy: executionArn,
    options: { dryRun: dryRunOnly },
    executionArn: () => executionArn,
  });
  if (registered.kind === 'slot-taken') throw new Error('a start without a slot cannot find its slot taken');
  const { execution, tookOver } = registered;
  await markStarted(dependencies, execution);
  return {
    execution: await requireExecution(executionsTable, execution.jobExecutionId),
    again: false,
    ...(tookOver && { tookOver }),
  };
}

async function markStarted(
  { executionsTable, now }: BeginDependencies,
  { jobExecutionId, executionArn }: Pick<Lock, 'jobExecutionId' | 'executionArn'>,
): Promise<void> {
  const broken = await transact(executionsTable, [
    {
      Update: {
        TableName: executionsTable.name,
        Key: KEYS.state(),
        UpdateExpression: 'SET active.#status = :started',
        ConditionExpression: 'active.executionArn = :arn',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':started': 'STARTED', ':arn': executionArn },
      },
    },
    {
      Update: {
        TableName: executionsTable.name,
        Key: KEYS.execution(jobExecutionId),
        UpdateExpression: 'SET #status = :started, startTime = :now, lastUpdated = :now',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':started': 'STARTED', ':now': now().toISOString() },
      },
    },
  ]);
  if (broken) throw new SyncError('ExecutionSuperseded', `${executionArn} lost the lock before it began`);
}
