import { Command } from '@commander-js/extra-typings';
import { workingRun } from '../api/choose-run.ts';
import { stopExecution } from '../api/executions.ts';
import { parseRunId } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';

export const stopCommand = (context: Context) =>
  new Command('stop')
    .description('stop a run after the batches in progress, so that nothing is half written')
    .argument('[id]', 'job execution id; by default the run that is working', parseRunId)
    .action(async (id) => {
      const { output, options } = context;
      const api = await openApi(context);
      const answer = await stopExecution(api, id ?? (await workingRun(api)).jobExecutionId);
      if (options().json) output.json(answer);
      else output.data([output.paint(`${answer.message}. Requested by ${answer.stoppedBy}.`)]);
    });
