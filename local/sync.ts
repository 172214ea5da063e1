import { join } from 'node:path';
import type { RunOptions } from '../functions/shared/contract/job-execution.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { ROUTES, type StartSyncAnswer } from '../functions/shared/contract/routes.ts';
import { logsClient, stepFunctionsClient } from './aws-clients.ts';
import { findRunningCloud, type RunningCloud } from './cloud/state-folder.ts';
import { type Command, checkArguments, EXIT, type Exit, interruption, withWriteOption } from './command.ts';
import { type Configuration, IDENTITIES } from './configuration.ts';
import { followRun, type RunEnd } from './follow-run.ts';
import { openLog } from './log-reader.ts';
import { compareWithRunning, describeRun } from './run-description.ts';
import type { Screen } from './screen.ts';
import { UsageError } from './usage-error.ts';

const USAGE = 'npm run sync [-- --dry-run | -- --write]';

/** Runs the process once: in the embedded cloud that is running, or in one that is started for this run. */
export const run: Command = async (args, { configuration: given, screen }) => {
  checkArguments(args, ['--dry-run', '--write'], USAGE);
  const isDryRun = args.includes('--dry-run');
  if (isDryRun && args.includes('--write')) throw new UsageError('--dry-run and --write exclude each other.');
  const configuration = withWriteOption(args, given);
  const running = await findRunningCloud(join(configuration.stateFolder, 'cloud'));
  const differences = running === undefined ? [] : compareWithRunning(running, configuration);
  // Without --write this run is a dry run, even in a cloud that was started with --write.
  const plan = { configuration, screen, dryRun: isDryRun || configuration.bank.dryRunOnly };
  for (const line of [...differences, ...describeRun(plan)]) screen.report(line);
  if (running) return synchronize(running, plan);
  // Not imported above: loading it takes a second, and a run in a running cloud does not need it.
  const { bringUp } = await screen.phase('loading the embedded cloud', () => import('./bring-up.ts'));
  const surroundings = await bringUp(configuration, { screen });
  try {
    return await Promise.race([synchronize(surroundings.cloud, plan), endEarly(screen)]);
  } finally {
    await surroundings.close();
  }
};

async function endEarly(screen: Screen): Promise<Exit> {
  await interruption();
  screen.close();
  console.error('\nInterrupted. The execution goes on with the next start.');
  return EXIT.interrupted;
}

interface Plan {
  configuration: Configuration;
  screen: Screen;
  dryRun: boolean;
}

async function synchronize({ apiEndpoint, awsEndpoint }: RunningCloud, plan: Plan): Promise<Exit> {
  const { configuration, screen, dryRun } = plan;
  const startedAt = Date.now();
  const answer = await postSync(apiEndpoint, { token: await getToken(configuration), dryRun });
  if (answer.status === 409) {
    screen.report(`Not started: ${String(answer.body['detail'])}.`);
    return EXIT.alreadyRunning;
  }
  if (answer.status !== 202) {
    screen.report(
      `${apiEndpoint}${ROUTES.startSync.path} answered ${answer.status}: ${JSON.stringify(answer.body)}`,
    );
    return EXIT.failed;
  }
  const { jobExecutionId, executionArn } = answer.body as StartSyncAnswer & typeof answer.body;
  const end = await followRun({
    stepFunctions: stepFunctionsClient(awsEndpoint),
    executionArn,
    screen,
    readLog: openLog({
      client: logsClient(awsEndpoint),
      logGroupName: resourceNames(configuration.stage).logGroup,
      filterPattern: `{ $.jobExecutionId = ${jobExecutionId} }`,
      startTime: startedAt,
    }),
  });
  return printEnd(end, screen);
}

async function getToken({ ports }: Configuration): Promise<string> {
  const { client, scopes } = IDENTITIES;
  const answer = await fetch(`http://127.0.0.1:${ports.identityProvider}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.id,
      client_secret: client.secret,
      scope: scopes.join(' '),
    }),
  });
  const body: unknown = await answer.json();
  if (typeof body === 'object' && body !== null && 'access_token' in body) return String(body.access_token);
  throw new Error(`The identity provider issued no token: it answered ${answer.status}.`);
}

async function postSync(
  apiEndpoint: string,
  { token, dryRun }: { token: string; dryRun: boolean },
): Promise<{ status: number; body: Record<string, unknown> }> {
  const { method, path } = ROUTES.startSync;
  const options: RunOptions = { dryRun };
  const answer = await fetch(`${apiEndpoint}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(options),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

function printEnd(end: RunEnd, screen: Screen): Exit {
  if (end.kind === 'failed') {
    screen.print(`\nFAILED: ${end.why}`);
    return EXIT.failed;
  }
  const { exitCode, exitMessage } = end.result;
  screen.print(`\n${exitCode}: ${exitMessage}`);
  return exitCode === 'COMPLETED' ? EXIT.completed : EXIT.completedWithFailures;
}
