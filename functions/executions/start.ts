import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { JobExecutionId } from '../shared/contract/ids.ts';
import type { RunOptions } from '../shared/contract/job-execution.ts';
import type { ExecutionInput } from '../shared/contract/workflow.ts';
import { getRow, type Table } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { finishExecution } from './finish.ts';
import { failedWith, type JobExecution, type Trigger } from './job-execution.ts';
import { KEYS } from './keys.ts';
import { findEndingBy } from './liveness.ts';
import { type Lock, readExecution } from './lock.ts';
import { registerExecution } from './register.ts';

export interface StartDependencies {
  executionsTable: Table;
  stepFunctions: SFNClient;
  stateMachineArn: string;
  now: () => Date;
  /** Every run is a dry run, whatever was asked for. */
  dryRunOnly: boolean;
  /** Told apart from every name used before, even when an old table is restored. Letters and digits only. */
  newToken: () => string;
}

export interface StartRequest {
  trigger: Trigger;
  startedBy: string;
  options: RunOptions;
  /** The scheduled minute, for a start by schedule. */
  slot?: string;
}

export type Start =
  | { kind: 'started'; execution: JobExecution; tookOver?: Lock }
  /** The same scheduled minute was delivered before: this is the run that it started. */
  | { kind: 'started-before'; execution: JobExecution };

/**
 * Registers a job execution and starts it.
 * @throws SyncError `JobExecutionAlreadyRunning`, `ExecutionNotStarted`.
 */
export async function startExecution(dependencies: StartDependencies, request: StartRequest): Promise<Start> {
  const { executionsTable, stepFunctions, stateMachineArn, now, newToken, dryRunOnly } = dependencies;
  const token = newToken();
  const registered = await registerExecution(
    { executionsTable, now, findEnding: findEndingBy(stepFunctions, now) },
    {
      ...request,
      options: { ...request.options, dryRun: request.options.dryRun || dryRunOnly },
      executionArn: (id) => executionArn(stateMachineArn, `sync-${id}-${token}`),
    },
  );
  if (registered.kind === 'slot-taken') return startedBefore(dependencies, request);
  const { execution, tookOver } = registered;
  await startInStepFunctions(dependencies, execution, request.slot);
  return { kind: 'started', execution, ...(tookOver && { tookOver }) };
}

async function startedBefore(dependencies: StartDependencies, { slot }: StartRequest): Promise<Start> {
  const execution = await executionOfSlot(dependencies.executionsTable, slot ?? '');
  // Whoever registered it may have died before StartExecution. The name makes a second call harmless.
  if (execution.status === 'STARTING') await startInStepFunctions(dependencies, execution, slot);
  return { kind: 'started-before', execution };
}

async function executionOfSlot(executionsTable: Table, slot: string): Promise<JobExecution> {
  const row = await getRow(executionsTable, KEYS.scheduled(slot));
  const execution = row && (await readExecution(executionsTable, row['jobExecutionId'] as JobExecutionId));
  if (!execution) throw new SyncError('RowMissing', `no execution is recorded for the slot ${slot}`);
  return execution;
}

/** What follows the state machine's ARN is a name of ours, so the execution's ARN is known before it is started. */
function executionArn(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}

async function startInStepFunctions(
  dependencies: StartDependencies,
  execution: JobExecution,
  slot: string | undefined,
): Promise<void> {
  const { stepFunctions, stateMachineArn } = dependencies;
  const input: ExecutionInput = { jobExecutionId: execution.jobExecutionId };
  try {
    await stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn,
        name: execution.executionArn.split(':').at(-1),
        input: JSON.stringify(input),
      }),
    );
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return;
    if (isRefusal(error)) await undo(dependencies, { execution, slot, why: text(error) });
    // Without an answer nobody knows whether it started: the lock stays, and after two minutes Step Functions is asked.
    throw new SyncError('ExecutionNotStarted', `job execution ${execution.jobExecutionId} was not started`, {
      cause: error,
      details: { jobExecutionId: execution.jobExecutionId },
    });
  }
}

/** Ends the record, and gives the lock and the slot back: the slot's next delivery is a new try. */
async function undo(
  { executionsTable, now }: StartDependencies,
  { execution, slot, why }: { execution: JobExecution; slot: string | undefined; why: string },
): Promise<void> {
  if (slot !== undefined) {
    await executionsTable.client.send(
      new DeleteCommand({ TableName: executionsTable.name, Key: KEYS.scheduled(slot) }),
    );
  }
  await finishExecution(
    { executionsTable, now },
    execution.executionArn,
    failedWith('ExecutionNotStarted', why),
  );
}

/** Step Functions answered, and the answer was a definite no. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('$fault' in error)) return false;
  return error.$fault === 'client' && !('$retryable' in error && error.$retryable);
}

const text = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
