import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { logsClient } from './aws-clients.ts';
import { startAwsEndpoint } from './cloud/aws-endpoint.ts';
import { openLogs } from './cloud/logs.ts';
import { logsService } from './cloud/logs-service.ts';
import { findRunningCloud } from './cloud/state-folder.ts';
import { assertKnown, type Command, EXIT } from './command.ts';
import { formatLine, openLog } from './log-reader.ts';
import { UsageError } from './usage-error.ts';

const USAGE = 'npm run logs [-- --follow]';
const POLL_MS = 300;

/** Prints the log of all runs; with `--follow`, what comes as well, until it is interrupted. */
export const run: Command = async (args, { stage, stateFolder }) => {
  assertKnown(args, ['--follow'], USAGE);
  const endpoint = await findLogs(join(stateFolder, 'cloud'));
  try {
    const read = openLog({
      client: logsClient(endpoint.url),
      logGroupName: resourceNames(stage).logGroup,
    });
    await print(read, args.includes('--follow'));
    return EXIT.completed;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new UsageError('Nothing has been logged yet: npm run sync comes first.');
  } finally {
    await endpoint.close();
  }
};

/** The log service of the cloud that runs, or one for its files alone while none does. */
async function findLogs(stateFolder: string): Promise<{ url: string; close: () => Promise<void> }> {
  const running = await findRunningCloud(stateFolder);
  if (running) return { url: running.awsEndpoint, close: async () => {} };
  const endpoint = await startAwsEndpoint({ port: 0, warn: (message) => console.error(message) });
  endpoint.serve(logsService(openLogs(stateFolder)));
  return endpoint;
}

async function print(read: ReturnType<typeof openLog>, follow: boolean): Promise<void> {
  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
  });
  do {
    for (const line of await read()) console.log(formatLine(line));
    if (follow) await delay(POLL_MS);
  } while (follow && !interrupted);
}
