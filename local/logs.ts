import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { logsClient } from './aws-clients.ts';
import { startAwsEndpoint } from './cloud/aws-endpoint.ts';
import { openLogs } from './cloud/logs.ts';
import { logsService } from './cloud/logs-service.ts';
import { type Command, EXIT } from './command.ts';
import { formatLine, openLog } from './log-reader.ts';
import { print, report } from './terminal.ts';
import { OPTIONS } from './usage.ts';
import { UsageError } from './usage-error.ts';

const POLL_MS = 300;

/** Prints the log of all runs. With `--follow`, also prints new lines until it is interrupted. */
export const run: Command = async (args, { configuration: { stage, stateFolder }, signal }) => {
  // Reads the files even while a stack is running, so that this command does not end with the stack.
  const endpoint = await startAwsEndpoint({ port: 0, warn: report });
  endpoint.serve(logsService(openLogs(join(stateFolder, 'cloud'))));
  try {
    const read = openLog({
      client: logsClient(endpoint.url),
      logGroupName: resourceNames(stage).logGroup,
    });
    const isFollowed = args.includes(OPTIONS.follow);
    do {
      for (const line of await read()) print(formatLine(line));
      if (isFollowed) await delay(POLL_MS);
    } while (isFollowed && !signal.aborted);
    return EXIT.completed;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new UsageError('Nothing has been logged yet: start a run with npm run sync.');
  } finally {
    await endpoint.close();
  }
};
