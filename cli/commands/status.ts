import { Command } from '@commander-js/extra-typings';
import { newestRun } from '../api/choose-run.ts';
import { getExecution } from '../api/executions.ts';
import { parseRunId } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';
import { describeRun } from '../describe/run.ts';

export const statusCommand = (context: Context) =>
  new Command('status')
    .description('show a run: its state, progress, outcomes, requests, and who started it')
    .argument('[id]', 'job execution id; by default the newest run', parseRunId)
    .action(async (id) => {
      const { output, options } = context;
      const api = await openApi(context);
      const run = await getExecution(api, id ?? (await newestRun(api)));
      if (options().json) output.json(run);
      else output.data(describeRun(run, output.paint));
    });
