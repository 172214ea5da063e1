import type { JobExecutionId } from '../shared/contract/ids.ts';
import { type Table, transact } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import type { JobExecution } from './job-execution.ts';
import { KEYS } from './keys.ts';
import type { FindEnding } from './liveness.ts';
import { type Lock, readState, requireExecution } from './lock.ts';
import { registerExecution } from './register.ts';

export interface BeginDependencies {
  executionsTable: Table;
  findEnding: FindEnding;
  now: () => Date;
  /** Every run is a dry run. */
  dryRunOnly: boolean;
}

export interface Begun {
  execution: JobExecution;
  /** This is not the first time that the execution begins: an invocation was repeated, or the machine restarted. */
  again: boolean;
  tookOver?: Lock;
}

/**
 * Claims the lock for the execution that Step Functions runs. One that was registered beforehand finds its lock
 * taken. Any other (started in the console or by the CLI, with whatever input) registers itself.
 * @throws SyncError `JobExecutionAlreadyRunning`.
 */
export async function beginExecution(dependencies: BeginDependencies, executionArn: string): Promise<Begun> {
  const { executionsTable } = dependencies;
  const { active } = await readState(executionsTable);
  if (active?.executionArn === executionArn) {
    const again = active.status === 'STARTED';
    if (!again) await markStarted(dependencies, active.jobExecutionId, executionArn);
    return { execution: await requireExecution(executionsTable, active.jobExecutionId), again };
  }
  const { id, tookOver } = await registerItself(dependencies, executionArn);
  await markStarted(dependencies, id, executionArn);
  return {
    execution: await requireExecution(executionsTable, id),
    again: false,
    ...(tookOver && { tookOver }),
  };
}

async function registerItself(
  dependencies: BeginDependencies,
  executionArn: string,
): Promise<{ id: JobExecutionId; tookOver?: Lock | undefined }> {
  const registered = await registerExecution(dependencies, {
    trigger: 'console',
    startedBy: executionArn,
    options: { dryRun: dependencies.dryRunOnly },
    executionArn: () => executionArn,
  });
  if (registered.kind === 'slot-taken') throw new Error('a start without a slot cannot meet one');
  return { id: registered.execution.jobExecutionId, tookOver: registered.tookOver };
}

async function markStarted(
  { executionsTable, now }: BeginDependencies,
  id: JobExecutionId,
  executionArn: string,
): Promise<void> {
  const startTime = now().toISOString();
  const names = { '#status': 'status' };
  const broken = await transact(executionsTable, [
    {
      Update: {
        TableName: executionsTable.name,
        Key: KEYS.state(),
        UpdateExpression: 'SET active.#status = :started',
        ConditionExpression: 'active.executionArn = :arn',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ':started': 'STARTED', ':arn': executionArn },
      },
    },
    {
      Update: {
        TableName: executionsTable.name,
        Key: KEYS.execution(id),
        UpdateExpression: 'SET #status = :started, startTime = :now, lastUpdated = :now',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ':started': 'STARTED', ':now': startTime },
      },
    },
  ]);
  if (broken) throw new SyncError('ExecutionSuperseded', `${executionArn} lost the lock before it began`);
}
