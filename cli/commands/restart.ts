import { Command } from '@commander-js/extra-typings';
import { newestRun } from '../api/choose-run.ts';
import { restartExecution } from '../api/executions.ts';
import { parseRunId } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';
import { reportStarted } from '../report-started.ts';

export const restartCommand = (context: Context) =>
  new Command('restart')
    .description('start a run of the ids that failed, were deferred or were not processed')
    .argument('[id]', 'job execution id of the run to restart; by default the newest run', parseRunId)
    .option('--wait', 'follow the new run to its end; the exit code says how it ended')
    .action(async (id, { wait }) => {
      const api = await openApi(context);
      const answer = await restartExecution(api, id ?? (await newestRun(api)));
      await reportStarted(context, api, { answer, wait });
    });
