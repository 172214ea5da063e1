import type { Api } from './api/client.ts';
import type { Context } from './context.ts';
import { describeRun } from './describe/run.ts';
import { type Exit, exitOfRun } from './exit.ts';
import { followRun } from './follow-run.ts';

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
