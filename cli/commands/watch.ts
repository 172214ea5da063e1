import { Command } from '@commander-js/extra-typings';
import { newestRun } from '../api/choose-run.ts';
import type { Api } from '../api/client.ts';
import { type Context, openApi } from '../context.ts';
import { describeRun } from '../describe/run.ts';
import { type Exit, exitOfRun } from '../exit.ts';
import { followRun } from '../follow-run.ts';
import { parseRunId } from './arguments.ts';

export const watchCommand = (context: Context) =>
  new Command('watch')
    .description('follow a run to its end')
    .argument('[id]', 'job execution id; by default the newest run', parseRunId)
    .option('--exit-status', 'exit as the run ended, instead of with 0')
    .action(async (id, { exitStatus }) => {
      const api = await openApi(context);
      const exit = await watchRun(context, api, id ?? (await newestRun(api)));
      if (exitStatus) context.exit = exit;
    });

/** Follows a run and shows how it ended. @returns the exit code that says so. */
export async function watchRun(context: Context, api: Api, jobExecutionId: number): Promise<Exit> {
  const { output, options, signal } = context;
  const goesOn = (): void => output.note(`\nJob execution ${jobExecutionId} goes on.`);
  signal.addEventListener('abort', goesOn, { once: true });
  try {
    const run = await followRun({ api, output, signal }, jobExecutionId);
    if (options().json) output.json(run);
    else output.data(describeRun(run, output.paint));
    return exitOfRun(run.exitCode);
  } finally {
    signal.removeEventListener('abort', goesOn);
  }
}
