import { Command, Option } from '@commander-js/extra-typings';
import type { LogLine } from '../../functions/shared/contract/log-line.ts';
import { resourceNames } from '../../functions/shared/contract/names.ts';
import { parsePeriod, parseRunId } from '../arguments.ts';
import { awsOf } from '../connection/aws.ts';
import { type Context, connectToAws } from '../context.ts';
import { ExpectedFailure } from '../expected-failure.ts';
import { formatLine, openLog } from '../log-reader.ts';
import { followLog, printLog } from '../show-log.ts';
import type { Tone } from '../terminal/paint.ts';

/** In ascending order. Choosing a level also shows those after it. */
const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL'] as const;
type Level = (typeof LEVELS)[number];

const DAY = '1d';
/** CloudWatch Logs allows few requests per second, and lines take seconds to arrive there. */
const AWS_POLL_MS = 2_000;

export const logsCommand = (context: Context) =>
  new Command('logs')
    .description('show the log of all functions, on this machine or of a deployed stage')
    .option('--follow', 'continue with new lines until Ctrl-C')
    .addOption(new Option('--level <level>', 'only lines of this level and above').choices(LEVELS))
    .option('--execution <id>', 'only lines of this job execution', parseRunId)
    .option('--since <period>', 'how far back: 90s, 10m, 2h, 3d', parsePeriod, parsePeriod(DAY))
    .option('--stage <stage>', 'the deployed stage; without it, that of the profile or of this machine')
    .action(async ({ follow, level, execution, since, stage }) => {
      const { output, options, signal } = context;
      const access = awsOf(await connectToAws(context, stage));
      const { CloudWatchLogsClient, ResourceNotFoundException } = await import(
        '@aws-sdk/client-cloudwatch-logs'
      );
      const logGroupName = resourceNames(access.stage).logGroup;
      const filterPattern = filterOf({ level, execution });
      const log = {
        read: openLog({
          client: new CloudWatchLogsClient(access.client),
          logGroupName,
          startTime: Date.now() - since,
          ...(filterPattern !== undefined && { filterPattern }),
        }),
        print: (line: LogLine) =>
          options().json ? output.json(line) : output.data([output.paint(formatLine(line), toneOf(line))]),
      };
      try {
        if (follow) await followLog({ ...log, signal }, access.client.endpoint ? undefined : AWS_POLL_MS);
        else await printLog(log);
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
        throw new ExpectedFailure(
          `There is no log group ${logGroupName} on ${access.place}: check the stage, the region and the account.`,
        );
      }
    });

type Filter = { level?: Level | undefined; execution?: number | undefined };

/** A filter pattern of CloudWatch Logs. Patterns cannot compare levels, so it names each of them. */
export function filterOf({ level, execution }: Filter): string | undefined {
  const levels = level === undefined ? [] : LEVELS.slice(LEVELS.indexOf(level));
  const conditions = [
    ...(execution === undefined ? [] : [`$.jobExecutionId = ${execution}`]),
    ...(levels.length === 0 ? [] : [`(${levels.map((name) => `$.level = "${name}"`).join(' || ')})`]),
  ];
  return conditions.length === 0 ? undefined : `{ ${conditions.join(' && ')} }`;
}

function toneOf({ level }: LogLine): Tone {
  if (level === 'ERROR' || level === 'CRITICAL') return 'bad';
  return level === 'WARN' ? 'warning' : 'plain';
}
