import { Command } from '@commander-js/extra-typings';
import { abandonExecution } from '../api/executions.ts';
import { parseRunId } from '../arguments.ts';
import type { Context } from '../context.ts';
import { controlRun } from '../control-run.ts';

export const abandonCommand = (context: Context) =>
  new Command('abandon')
    .description('end a run that hangs: closes its record at once, so that the next run can start')
    .argument('[id]', 'job execution id; by default the run that is working', parseRunId)
    .action((id) => controlRun(context, abandonExecution, id));
