import type { SFNClient } from '@aws-sdk/client-sfn';
import { EXIT, type Exit, exitOfRun } from '../cli/exit.ts';
import { openLog } from '../cli/log-reader.ts';
import type { Screen } from '../cli/terminal/screen.ts';
import { printable, report } from '../cli/terminal/terminal.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { logsClient, stepFunctionsClient } from './aws-clients.ts';
import type { RunningCloud } from './cloud/state-folder.ts';
import { Interrupted, interruption } from './command.ts';
import type { Configuration } from './configuration.ts';
import { followRun } from './follow-run.ts';
import type { StartedRun } from './start-run.ts';

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

/** Shows the log of a run until the run ends, and then its result. */
export async function showRun(run: StartedRun, { cloud, stepFunctions }: Stack, plan: Plan): Promise<Exit> {
  const { configuration, screen } = plan;
  const end = await followRun({
    stepFunctions,
    executionArn: run.executionArn,
    screen,
    readLog: openLog({
      client: logsClient(cloud.awsEndpoint),
      logGroupName: resourceNames(configuration.stage).logGroup,
      filterPattern: `{ $.jobExecutionId = ${run.jobExecutionId} }`,
      startTime: run.since,
    }),
  });
  if (end.kind === 'failed') {
    screen.print(`\nFAILED: ${printable(end.why)}`);
    return EXIT.failed;
  }
  const { exitCode, exitMessage } = end.result;
  screen.print(`\n${printable(`${exitCode}: ${exitMessage}`)}`);
  return exitOfRun(exitCode);
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
