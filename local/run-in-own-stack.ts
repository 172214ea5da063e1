import { setTimeout as delay } from 'node:timers/promises';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { EXIT, type Exit } from '../cli/exit.ts';
import { printable } from '../cli/terminal/terminal.ts';
import type { Cloud } from './cloud/cloud.ts';
import { closeRun, continueRun, findInterruption, type InterruptedRun } from './interrupted-run.ts';
import { interrupted, type Plan, type Stack, showRun, stackOf } from './planned-run.ts';
import { describeRun } from './run-description.ts';
import { type StartAnswer, startRun } from './start-run.ts';

/** Starts a stack, runs the process in it, and ends it. */
export async function runInOwnStack(plan: Plan): Promise<Exit> {
  const { configuration, screen, signal } = plan;
  for (const line of describeRun(plan)) screen.report(line);
  // Imported here because loading takes a second, and a run in another stack does not need it.
  const { bringUp } = await screen.phase('loading the embedded cloud', () => import('./bring-up.ts'));
  // Interrupted runs are held until it is known whether they are dry runs, as this one may be.
  const surroundings = await bringUp(configuration, { screen, signal, interrupted: 'hold' });
  const stack = stackOf(surroundings.cloud);
  const work = async (): Promise<Exit> => {
    const exit = await synchronize(stack, plan);
    await othersHaveEnded(stack, plan);
    return exit;
  };
  try {
    return await Promise.race([
      work(),
      interrupted(plan, () => 'A run that has not ended goes on with the next start.'),
    ]);
  } finally {
    await surroundings.close();
  }
}

/** Resumes the interrupted run or starts a new one, and follows it to its end. */
async function synchronize(stack: Stack<Cloud>, plan: Plan): Promise<Exit> {
  const { cloud } = stack;
  const { screen, dryRun } = plan;
  let answer = await startRun(cloud, { dryRun });
  const found = answer.kind === 'running' && answer.run && (await findInterruption(answer.run, stack));
  if (found && found.run.dryRun === dryRun) {
    screen.report(`Continuing job execution ${found.run.jobExecutionId}, which was interrupted.`);
    await continueRun(found, stack);
    return showRun(found.run, stack, plan);
  }
  if (found) answer = await replace(found, stack, plan);
  cloud.resume();
  if (answer.kind === 'started') return showRun(answer.run, stack, plan);
  screen.report(printable(answer.kind === 'running' ? `Not started: ${answer.detail}.` : answer.why));
  return answer.kind === 'running' ? EXIT.alreadyRunning : EXIT.failed;
}

const POLL_MS = 200;

/** Closes an interrupted run and starts this one. Exactly one of the two is a dry run. */
async function replace(
  found: InterruptedRun,
  stack: Stack<Cloud>,
  { screen, dryRun }: Plan,
): Promise<StartAnswer> {
  const { jobExecutionId, executionArn } = found.run;
  await closeRun(found, stack);
  const kind = dryRun ? 'one that writes' : 'a dry run';
  screen.report(
    `Closed job execution ${jobExecutionId}, which was interrupted, because it was ${kind}. Starting another.`,
  );
  for (;;) {
    const answer = await startRun(stack.cloud, { dryRun });
    // The closed run holds the lock until its record is closed, which takes a moment.
    if (answer.kind !== 'running' || answer.run?.executionArn !== executionArn) return answer;
    await delay(POLL_MS);
  }
}

/** Waits for runs that others have started in this stack, because they would be interrupted when it ends. */
async function othersHaveEnded({ cloud, stepFunctions }: Stack, { screen }: Plan): Promise<void> {
  const query = { stateMachineArn: cloud.outputs['StateMachineArn'], statusFilter: 'RUNNING' } as const;
  for (let isReported = false; ; isReported = true) {
    const { executions = [] } = await stepFunctions.send(new ListExecutionsCommand(query));
    if (executions.length === 0) return;
    if (!isReported) screen.report('Waiting for the run that another command has started in this stack.');
    await delay(POLL_MS);
  }
}
