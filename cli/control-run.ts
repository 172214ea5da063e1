import { workingRun } from './api/choose-run.ts';
import type { stopExecution } from './api/executions.ts';
import { type Context, openApi } from './context.ts';

/** Ends a run in one of the ways of the API, and says who requested it. @param id by default the run that is working. */
export async function controlRun(
  context: Context,
  end: typeof stopExecution,
  id: number | undefined,
): Promise<void> {
  const { output, options } = context;
  const api = await openApi(context);
  const answer = await end(api, id ?? (await workingRun(api)).jobExecutionId);
  if (options().json) output.json(answer);
  else output.data([output.paint(`${answer.message}. Requested by ${answer.stoppedBy}.`)]);
}
