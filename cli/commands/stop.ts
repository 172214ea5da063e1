import { Command } from '@commander-js/extra-typings';
import { stopExecution } from '../api/executions.ts';
import { parseRunId } from '../arguments.ts';
import type { Context } from '../context.ts';
import { controlRun } from '../control-run.ts';

export const stopCommand = (context: Context) =>
  new Command('stop')
    .description('stop a run after the batches in progress, so that nothing is half written')
    .argument('[id]', 'job execution id; by default the run that is working', parseRunId)
    .action((id) => controlRun(context, stopExecution, id));
