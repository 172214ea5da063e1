import { join } from 'node:path';
import { ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs';
import { EXIT } from '../cli/exit.ts';
import { formatLine, openLog } from '../cli/log-reader.ts';
import { followLog, printLog } from '../cli/show-log.ts';
import { print, report } from '../cli/terminal/terminal.ts';
import { UsageError } from '../cli/usage-error.ts';
import type { LogLine } from '../functions/shared/contract/log-line.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { logsClient } from './aws-clients.ts';
import { startAwsEndpoint } from './cloud/aws-endpoint.ts';
import { openLogs } from './cloud/logs.ts';
import { logsService } from './cloud/logs-service.ts';
import type { Command } from './command.ts';
import { OPTIONS } from './usage.ts';

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
    const log = { read, print: (line: LogLine) => print(formatLine(line)) };
    if (args.includes(OPTIONS.follow)) await followLog({ ...log, signal });
    else await printLog(log);
    return EXIT.completed;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new UsageError('Nothing has been logged yet: start a run with npm run sync.');
  } finally {
    await endpoint.close();
  }
};
