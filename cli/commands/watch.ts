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
    .option('--exit-status', 'let the exit code say how the run ended')
    .action(async (id, { exitStatus }) => {
      const api = await openApi(context);
      const exit = await watchRun(context, api, id ?? (await newestRun(api)));
      if (exitStatus) context.exit = exit;
    });

/** Follows a run and shows how it ended. @returns the exit code for it. */
export async function watchRun(context: Context, api: Api, jobExecutionId: number): Promise<Exit> {
  const { output, options, signal } = context;
  const noteInterrupted = (): void => output.note(`\nJob execution ${jobExecutionId} is still running.`);
  signal.addEventListener('abort', noteInterrupted, { once: true });
  try {
    const run = await followRun({ api, output, signal }, jobExecutionId);
    if (options().json) output.json(run);
    else output.data(describeRun(run, output.paint));
    return exitOfRun(run.exitCode);
  } finally {
    signal.removeEventListener('abort', noteInterrupted);
  }
}
