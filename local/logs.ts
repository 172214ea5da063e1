import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { logsClient } from './aws-clients.ts';
import { startAwsEndpoint } from './cloud/aws-endpoint.ts';
import { openLogs } from './cloud/logs.ts';
import { logsService } from './cloud/logs-service.ts';
import { findRunningCloud } from './cloud/state-folder.ts';
import { type Command, checkArguments, EXIT } from './command.ts';
import { formatLine, openLog } from './log-reader.ts';
import { UsageError } from './usage-error.ts';

const USAGE = 'npm run logs [-- --follow]';
const POLL_MS = 300;

/** Prints the log of all runs. With `--follow`, also prints new lines until it is interrupted. */
export const run: Command = async (args, { configuration: { stage, stateFolder } }) => {
  checkArguments(args, ['--follow'], USAGE);
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
    throw new UsageError('Nothing has been logged yet: start a run with npm run sync.');
  } finally {
    await endpoint.close();
  }
};

/** The log service of the running cloud, or one that only reads the files of a cloud that is not running. */
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
