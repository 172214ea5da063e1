import { Command } from '@commander-js/extra-typings';
import { workingRun } from '../api/choose-run.ts';
import { abandonExecution } from '../api/executions.ts';
import { parseRunId } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';

export const abandonCommand = (context: Context) =>
  new Command('abandon')
    .description('end a run that hangs: closes its record at once, so that the next run can start')
    .argument('[id]', 'job execution id; by default the run that is working', parseRunId)
    .action(async (id) => {
      const { output, options } = context;
      const api = await openApi(context);
      const answer = await abandonExecution(api, id ?? (await workingRun(api)).jobExecutionId);
      if (options().json) output.json(answer);
      else output.data([output.paint(`${answer.message}. Requested by ${answer.stoppedBy}.`)]);
    });
