import { join } from 'node:path';
import type { RunOptions } from '../functions/shared/contract/job-execution.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { ROUTES, type StartSyncAnswer } from '../functions/shared/contract/routes.ts';
import { logsClient, stepFunctionsClient } from './aws-clients.ts';
import { bringUp } from './bring-up.ts';
import { findRunningCloud, type RunningCloud } from './cloud/state-folder.ts';
import { assertKnown, type Command, EXIT, type Exit, interruption, withWriteOption } from './command.ts';
import { type Configuration, IDENTITIES } from './configuration.ts';
import { followRun, type RunEnd } from './follow-run.ts';
import { openLog } from './log-reader.ts';
import { announceRun, compareWithRunning } from './run-announcement.ts';
import { createScreen } from './screen.ts';
import { UsageError } from './usage-error.ts';

const USAGE = 'npm run sync [-- --dry-run | -- --write]';

/** Runs the process once: in the cloud that is up, or in one that is up for as long as the run takes. */
export const run: Command = async (args, given) => {
  assertKnown(args, ['--dry-run', '--write'], USAGE);
  const isDryRun = args.includes('--dry-run');
  if (isDryRun && args.includes('--write')) throw new UsageError('--dry-run and --write exclude each other.');
  const configuration = withWriteOption(args, given);
  const running = await findRunningCloud(join(configuration.stateFolder, 'cloud'));
  const lines = running === undefined ? [] : compareWithRunning(running, configuration);
  // A cloud that was started with --write is no reason for this run to write.
  const plan = { configuration, dryRun: isDryRun || configuration.bank.dryRunOnly };
  for (const line of [...lines, ...announceRun(plan)]) console.error(line);
  if (running) return synchronize(running, plan);
  console.error('bringing the embedded cloud up ...');
  const surroundings = await bringUp(configuration);
  try {
    return await Promise.race([synchronize(surroundings.cloud, plan), endedEarly()]);
  } finally {
    await surroundings.close();
  }
};

async function endedEarly(): Promise<Exit> {
  await interruption();
  console.error('\nInterrupted. The execution goes on with the next start.');
  return EXIT.interrupted;
}

interface Plan {
  configuration: Configuration;
  dryRun: boolean;
}

async function synchronize({ apiEndpoint, awsEndpoint }: RunningCloud, plan: Plan): Promise<Exit> {
  const { configuration, dryRun } = plan;
  const startedAt = Date.now();
  const answer = await postSync(apiEndpoint, { token: await getToken(configuration), dryRun });
  if (answer.status === 409) {
    console.error(`Not started: ${String(answer.body['detail'])}.`);
    return EXIT.alreadyRunning;
  }
  if (answer.status !== 202) {
    console.error(
      `${apiEndpoint}${ROUTES.startSync.path} answered ${answer.status}: ${JSON.stringify(answer.body)}`,
    );
    return EXIT.failed;
  }
  const { jobExecutionId, executionArn } = answer.body as StartSyncAnswer & typeof answer.body;
  const screen = createScreen(process.stdout);
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
  return report(end);
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
  throw new Error(`the identity provider gave no token: ${answer.status}`);
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

function report(end: RunEnd): Exit {
  if (end.kind === 'failed') {
    console.log(`\nFAILED: ${end.why}`);
    return EXIT.failed;
  }
  const { exitCode, exitMessage } = end.result;
  console.log(`\n${exitCode}: ${exitMessage}`);
  return exitCode === 'COMPLETED' ? EXIT.completed : EXIT.completedWithFailures;
}
