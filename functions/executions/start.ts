import { randomBytes } from 'node:crypto';
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { createStepFunctions, createTable } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { RunOptions, Trigger } from '../shared/contract/job-execution.ts';
import type { ExecutionInput } from '../shared/contract/workflow.ts';
import { getRow, type Table, transact } from '../shared/dynamodb.ts';
import { SyncError } from '../shared/errors.ts';
import { JobExecutionIdCodec, parseRow } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';
import { executionName } from './execution-name.ts';
import { failedWith, type JobExecution, readExecution, requireExecution } from './job-execution.ts';
import { KEYS } from './keys.ts';
import { findEndingBy, stoppingDryRuns } from './liveness.ts';
import { finishExecution, type Lock } from './lock.ts';
import { registerExecution } from './register.ts';

export interface StartDependencies {
  executionsTable: Table;
  stepFunctions: SFNClient;
  stateMachineArn: string;
  now: () => Date;
  /** If true, every run is a dry run, whatever its caller requests. */
  dryRunOnly: boolean;
  /** Makes execution names unique. Letters and digits only. */
  newToken: () => string;
  /** Reports the end of a run that Step Functions refused to start. */
  reportEnd: (finished: JobExecution) => Promise<unknown>;
}

/** Builds what the functions that start executions have in common. */
export function startDependencies(env: Environment): Omit<StartDependencies, 'now' | 'reportEnd'> {
  const { jobExecutionsTable, ...settings } = readConfig(env, [
    'jobExecutionsTable',
    'stateMachineArn',
    'dryRunOnly',
  ]);
  return {
    ...settings,
    executionsTable: createTable(jobExecutionsTable),
    stepFunctions: createStepFunctions(),
    newToken: () => randomBytes(6).toString('hex'),
  };
}

export interface StartRequest {
  trigger: Trigger;
  startedBy: string;
  options: RunOptions;
  /** The scheduled minute, for a start by schedule. It stops a dry run that holds the lock. */
  slot?: string;
}

export type Start =
  | { kind: 'started'; execution: JobExecution; tookOver?: Lock }
  /**
   * An earlier delivery of the same scheduled minute, or an earlier restart of the same run, started this execution.
   */
  | { kind: 'started-before'; execution: JobExecution };

/**
 * Registers a job execution and starts it.
 * @throws SyncError `JobExecutionAlreadyRunning`, `ExecutionNotStarted`.
 */
export async function startExecution(dependencies: StartDependencies, request: StartRequest): Promise<Start> {
  const { executionsTable, stepFunctions, stateMachineArn, now, newToken, dryRunOnly } = dependencies;
  const { slot } = request;
  const options = { ...request.options, dryRun: request.options.dryRun || dryRunOnly };
  const stopsDryRuns = slot !== undefined && !options.dryRun;
  const findEnding = findEndingBy(stepFunctions, now);
  // The name is ours and ends the ARN, so the execution's ARN is known before it is started.
  const executionArnPrefix = stateMachineArn.replace(':stateMachine:', ':execution:');
  const token = newToken();
  const registered = await registerExecution(
    {
      executionsTable,
      now,
      findEnding: stopsDryRuns ? stoppingDryRuns(stepFunctions, findEnding) : findEnding,
    },
    {
      ...request,
      options,
      executionArn: (id) => `${executionArnPrefix}:${executionName(id, token)}`,
    },
  );
  if (registered.kind !== 'registered') {
    const execution =
      registered.kind === 'restarted'
        ? await requireExecution(executionsTable, registered.by)
        : await executionOfSlot(executionsTable, slot ?? '');
    // The earlier call may have died before StartExecution. Because of the name, calling it twice does no harm.
    if (execution.status === 'STARTING') await startInStepFunctions(dependencies, execution, slot);
    return { kind: 'started-before', execution };
  }
  const { execution, tookOver } = registered;
  await startInStepFunctions(dependencies, execution, slot);
  return { kind: 'started', execution, ...(tookOver && { tookOver }) };
}

const SlotCodec = z.object({ jobExecutionId: JobExecutionIdCodec });

async function executionOfSlot(executionsTable: Table, slot: string): Promise<JobExecution> {
  const row = await getRow(executionsTable, KEYS.scheduled(slot));
  const started = row && parseRow(SlotCodec, row, `the SCHEDULED row of ${slot}`);
  const execution = started && (await readExecution(executionsTable, started.jobExecutionId));
  if (!execution) throw new SyncError('RowMissing', `no execution is recorded for the slot ${slot}`);
  return execution;
}

async function startInStepFunctions(
  dependencies: StartDependencies,
  execution: JobExecution,
  slot: string | undefined,
): Promise<void> {
  const { stepFunctions, stateMachineArn } = dependencies;
  const { jobExecutionId, executionArn } = execution;
  const input: ExecutionInput = { jobExecutionId };
  try {
    await stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn,
        name: executionArn.split(':').at(-1),
        input: JSON.stringify(input),
      }),
    );
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return;
    if (isRefusal(error)) {
      await undoStart(dependencies, { execution, slot, refusal: `${error.name}: ${error.message}` });
    }
    // After any other failure nobody knows whether it started: the lock stays, and Step Functions is asked after two
    // minutes.
    throw new SyncError('ExecutionNotStarted', `job execution ${jobExecutionId} was not started`, {
      cause: error,
      details: { jobExecutionId },
    });
  }
}

/** Whether Step Functions refused for good, so that the execution certainly does not exist. */
function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error) || !('$fault' in error)) return false;
  return error.$fault === 'client' && !('$retryable' in error && error.$retryable);
}

/**
 * Undoes the registration: ends the record, releases the lock and reports the end. Also releases the slot, so that its
 * next delivery tries again, or removes `restartedBy` from the run that was to be restarted.
 */
async function undoStart(
  { executionsTable, now, reportEnd }: StartDependencies,
  { execution, slot, refusal }: { execution: JobExecution; slot: string | undefined; refusal: string },
): Promise<void> {
  const { jobExecutionId, executionArn, options } = execution;
  if (slot !== undefined) {
    await executionsTable.client.send(
      new DeleteCommand({ TableName: executionsTable.name, Key: KEYS.scheduled(slot) }),
    );
  }
  if (options.restartOf !== undefined) {
    // The condition is not met if another caller of the same restart was refused as well. No other run can have become
    // the restart, because this one still holds the lock.
    await transact(executionsTable, [
      {
        Update: {
          TableName: executionsTable.name,
          Key: KEYS.execution(options.restartOf),
          UpdateExpression: 'REMOVE restartedBy',
          ConditionExpression: 'restartedBy = :id',
          ExpressionAttributeValues: { ':id': jobExecutionId },
        },
      },
    ]);
  }
  const ending = failedWith('ExecutionNotStarted', refusal);
  const finished = await finishExecution({ executionsTable, now }, executionArn, ending);
  if (finished) await reportEnd(finished);
}
