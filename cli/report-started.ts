import type { StartAnswer } from './api/answers.ts';
import type { Api } from './api/client.ts';
import type { Context } from './context.ts';
import { watchRun } from './watch-run.ts';

interface Started {
  answer: StartAnswer;
  wait: boolean | undefined;
}

/** Shows the answer to a start. With `--wait`, follows the run instead, and shows how it ended. */
export async function reportStarted(context: Context, api: Api, { answer, wait }: Started): Promise<void> {
  const { output, options } = context;
  const { jobExecutionId, message } = answer;
  if (wait) {
    output.note(`${message}.`);
    context.exit = await watchRun(context, api, jobExecutionId);
    return;
  }
  if (options().json) output.json(answer);
  else output.data([output.paint(`${message}.`)]);
  output.note(`Follow it: item-sync watch ${jobExecutionId}`);
}
