import { setTimeout as delay } from 'node:timers/promises';
import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { EXIT, type Exit, exitOfRun } from '../cli/exit.ts';
import { followRun } from '../cli/follow-run.ts';
import { formatLine, openLog } from '../cli/log-reader.ts';
import { followLog, printLog } from '../cli/show-log.ts';
import type { Screen } from '../cli/terminal/screen.ts';
import { printable, report } from '../cli/terminal/terminal.ts';
import type { LogLine } from '../functions/shared/contract/log-line.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { logsClient, stepFunctionsClient } from './aws-clients.ts';
import type { RunningCloud } from './cloud/state-folder.ts';
import { Interrupted, interruption } from './command.ts';
import type { Configuration } from './configuration.ts';
import { apiOf, type StartedRun } from './start-run.ts';

/** What `npm run sync` is to do. */
export interface Plan {
  configuration: Configuration;
  screen: Screen;
  signal: AbortSignal;
  dryRun: boolean;
}

/** A running stack, and a client for its Step Functions. */
export interface Stack<Running extends RunningCloud = RunningCloud> {
  cloud: Running;
  stepFunctions: SFNClient;
}

export const stackOf = <Running extends RunningCloud>(cloud: Running): Stack<Running> => ({
  cloud,
  stepFunctions: stepFunctionsClient(cloud.awsEndpoint),
});

/**
 * Shows the log of a run, and its progress as item-sync does, until the run ends, and then its result. Does not return if
 * the command is interrupted: `interrupted` ends it.
 */
export async function showRun(run: StartedRun, stack: Stack, plan: Plan): Promise<Exit> {
  const { cloud } = stack;
  const { configuration, screen } = plan;
  const read = openLog({
    client: logsClient(cloud.awsEndpoint),
    logGroupName: resourceNames(configuration.stage).logGroup,
    filterPattern: `{ $.jobExecutionId = ${run.jobExecutionId} }`,
    startTime: run.since,
  });
  const log = { read, print: (line: LogLine) => screen.print(formatLine(line)) };
  const ended = new AbortController();
  const signal = AbortSignal.any([plan.signal, ended.signal]);
  screen.working('running');
  try {
    const shownLog = followLog({ ...log, signal });
    // The log says what the run waits for.
    const following = followRun(
      { api: apiOf(cloud), output: { screen, note: () => {} }, signal },
      run.jobExecutionId,
    );
    // The log is read until the run has ended, unless the stack ends before.
    const [{ exitCode, exitMessage }] = await Promise.all([following.finally(() => ended.abort()), shownLog]);
    await executionHasEnded(stack, run);
    await printLog(log);
    screen.print(`\n${printable(`${exitCode}: ${exitMessage}`)}`);
    return exitOfRun(exitCode);
  } catch (error) {
    if (!plan.signal.aborted) throw error;
    return new Promise(() => {});
  } finally {
    ended.abort();
  }
}

const POLL_MS = 100;

/** Waits for the last lines of the log, which are written after the record has ended. */
async function executionHasEnded({ stepFunctions }: Stack, { executionArn }: StartedRun): Promise<void> {
  for (;;) {
    const { status } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return;
    await delay(POLL_MS);
  }
}

/** Resolves with the exit code of an interrupted command, after printing what happens to its run. */
export async function interrupted({ signal, screen }: Plan, describe: () => string): Promise<Exit> {
  await interruption(signal);
  // A failure of background work has already been reported.
  if (!(signal.reason instanceof Interrupted)) return EXIT.failed;
  screen.close();
  report(`\nInterrupted. ${describe()}`);
  return EXIT.interrupted;
}
