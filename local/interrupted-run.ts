import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { jobExecutionId } from '../functions/shared/contract/ids.ts';
import type { ExecutionInput } from '../functions/shared/contract/workflow.ts';
import type { Cloud } from './cloud/cloud.ts';
import type { RunningRun } from './start-run.ts';

/** A run that was under way when the last stack ended. */
export interface InterruptedRun {
  run: RunningRun;
  /** A run that was interrupted while starting holds the lock, but Step Functions has no execution of it. */
  while: 'running' | 'starting';
}

/** A stack in which the interrupted executions are held. */
export interface HeldStack {
  cloud: Pick<Cloud, 'interrupted' | 'resume'>;
  stepFunctions: SFNClient;
}

/** @returns undefined for a run that somebody has started in this stack. */
export async function findInterruption(
  run: RunningRun,
  { cloud, stepFunctions }: HeldStack,
): Promise<InterruptedRun | undefined> {
  const { executionArn } = run;
  if (cloud.interrupted.includes(executionArn)) return { run, while: 'running' };
  try {
    await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return undefined;
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return { run, while: 'starting' };
    throw error;
  }
}

/** Resumes the interrupted run. */
export async function continueRun(interrupted: InterruptedRun, stack: HeldStack): Promise<void> {
  await completeStart(interrupted, stack);
  stack.cloud.resume();
}

/** Stops the interrupted run before it does anything. The next start then takes over its lock and closes its record. */
export async function closeRun(interrupted: InterruptedRun, stack: HeldStack): Promise<void> {
  await completeStart(interrupted, stack);
  const { executionArn } = interrupted.run;
  const cause = 'it was interrupted, and npm run sync started another run instead';
  await stack.stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'Interrupted', cause }));
}

async function completeStart(
  { run, while: during }: InterruptedRun,
  { stepFunctions }: HeldStack,
): Promise<void> {
  if (during !== 'starting') return;
  const { executionArn } = run;
  const input: ExecutionInput = { jobExecutionId: jobExecutionId(run.jobExecutionId) };
  await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: executionArn.replace(':execution:', ':stateMachine:').replace(/:[^:]+$/, ''),
      name: executionArn.split(':').at(-1),
      input: JSON.stringify(input),
    }),
  );
}
