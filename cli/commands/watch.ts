import { Command } from '@commander-js/extra-typings';
import { newestRun } from '../api/choose-run.ts';
import { parseRunId } from '../arguments.ts';
import { type Context, openApi } from '../context.ts';
import { watchRun } from '../watch-run.ts';

export const watchCommand = (context: Context) =>
  new Command('watch')
    .description('follow a run to its end')
    .argument('[id]', 'job execution id; by default the newest run', parseRunId)
    .option('--exit-status', 'let the exit code say how the run ended')
    .action(async (id, { exitStatus }) => {
      const api = await openApi(context);
      const exit = await watchRun(context, api, id ?? (await newestRun(api)));
      if (exitStatus) context.exit = exit;
    });
