import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { EXIT, type Exit } from '../cli/exit.ts';
import type { Screen } from '../cli/terminal/screen.ts';
import { print } from '../cli/terminal/terminal.ts';
import { UsageError } from '../cli/usage-error.ts';
import { stepFunctionsClient } from './aws-clients.ts';
import type { Surroundings } from './bring-up.ts';
import type { Cloud } from './cloud/cloud.ts';
import { type Command, interruption, prepareStack } from './command.ts';
import type { Configuration } from './configuration.ts';
import { describeHolder } from './folder-lock.ts';
import { formatExports, formatGuide } from './guide.ts';
import type { ItemBank } from './item-bank.ts';
import { findPlace, type OtherStack } from './place.ts';
import { compareWithRunning } from './run-description.ts';
import { COMMANDS } from './usage.ts';

/** Starts everything, says how to use it, and runs until it is interrupted. */
export const run: Command = async (args, { configuration: given, screen, signal }) => {
  const configuration = prepareStack(args, given);
  const { command } = COMMANDS.start;
  const place = await findPlace(configuration.stateFolder, { command, screen, signal });
  if (place.kind === 'other') return describeOther(place, configuration, screen);
  try {
    const { bringUp } = await screen.phase('loading the embedded cloud', () => import('./bring-up.ts'));
    // An interrupted run may have been started with --write.
    const { dryRunOnly } = configuration.bank;
    const options = { screen, signal, interrupted: dryRunOnly ? 'hold' : 'resume' } as const;
    const surroundings = await bringUp(configuration, options);
    try {
      const { cloud } = surroundings;
      const interrupted = dryRunOnly ? await closeInterrupted(cloud) : describeContinued(cloud);
      const repository = await nameOfRepository(surroundings, configuration.bank);
      screen.close();
      print(formatGuide(surroundings, configuration, { interrupted, repository }));
      // A run needs no queue, but the person who has read this may commit a change next.
      await cloud.warmUp();
      await interruption(signal);
      print('\nEnding. Running executions go on with the next start.');
    } finally {
      await surroundings.close();
    }
    return EXIT.completed;
  } finally {
    place.release();
  }
};

/** Describes the running stack to the user of a second `npm start`. That is a success, because the stack is up. */
function describeOther({ holder, cloud }: OtherStack, configuration: Configuration, screen: Screen): Exit {
  const owner = describeHolder(holder);
  if (holder?.command !== COMMANDS.start.command) {
    throw new UsageError(
      `Nothing was started, because ${owner} is using ${configuration.stateFolder}: wait for its end, or end it.`,
    );
  }
  for (const line of compareWithRunning(cloud, configuration)) screen.report(line);
  screen.report(`Nothing was started, because the stack is up already: ${owner} runs it.`);
  screen.print(`\n  API                ${cloud.apiEndpoint}\n\n${formatExports(cloud, configuration)}`);
  return EXIT.completed;
}

const nameOf = (executionArn: string): string => executionArn.split(':').at(-1) ?? '';

const describeContinued = ({ interrupted }: Cloud): string[] =>
  interrupted.map((arn) => `The execution ${nameOf(arn)}, which was interrupted, goes on.`);

async function closeInterrupted({ interrupted, awsEndpoint }: Cloud): Promise<string[]> {
  const stepFunctions = stepFunctionsClient(awsEndpoint);
  for (const executionArn of interrupted) {
    const cause = 'it was interrupted, and npm start was started without --write';
    await stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'Interrupted', cause }));
  }
  return interrupted.map(
    (arn) => `The execution ${nameOf(arn)}, which was interrupted, was closed: it may be one that writes.`,
  );
}

const Repositories = z.array(z.object({ name: z.string() }));

/** A name for the examples. A real organization is not queried. */
async function nameOfRepository({ github }: Surroundings, bank: ItemBank): Promise<string> {
  if (github === undefined || bank.kind === 'real') return '<name>';
  const answer = await fetch(`${github.url}/orgs/${bank.organization}/repos?per_page=1`, {
    headers: { authorization: `Bearer ${bank.secret.githubToken}` },
  });
  const [first] = Repositories.parse(await answer.json());
  return first?.name ?? '<name>';
}
