import { Command } from '@commander-js/extra-typings';
import { abandonExecution } from '../api/executions.ts';
import { type Context, openApi } from '../context.ts';
import { parseRunId } from './arguments.ts';

export const abandonCommand = (context: Context) =>
  new Command('abandon')
    .description('end a run that hangs: closes its record at once, so that the next run can start')
    .argument('<id>', 'job execution id', parseRunId)
    .action(async (id) => {
      const { output, options } = context;
      const answer = await abandonExecution(await openApi(context), id);
      if (options().json) output.json(answer);
      else output.data([output.paint(`${answer.message}. Requested by ${answer.stoppedBy}.`)]);
    });
