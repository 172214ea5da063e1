import type { ExecutionDetail } from './api/answers.ts';
import type { Api } from './api/client.ts';
import { ApiError, UnreachableError } from './api/errors.ts';
import { getExecution, hasEnded } from './api/executions.ts';
import { formatDuration, formatTime } from './describe/quantities.ts';
import { describeProgress } from './describe/run.ts';
import type { Output } from './output.ts';
import { pause } from './pause.ts';

interface Follow {
  api: Api;
  output: Output;
  signal: AbortSignal;
}

const POLL_MS = 1_000;
const SLOWEST_POLL_MS = 10_000;
/** The pause is this fraction of the time that the run has taken: a long run is polled less often. */
const SHARE_OF_RUN = 100;
/** Failures in a row, in about five minutes: enough for a deployment of the API or a short loss of the network. */
const MAX_FAILURES = 30;

/**
 * Shows the progress of a run until it has ended.
 *
 * @throws the reason of the signal when the command is interrupted. The run continues.
 */
export async function followRun(
  { api, output, signal }: Follow,
  jobExecutionId: number,
): Promise<ExecutionDetail> {
  const notes = createNotes(output);
  let failures = 0;
  for (;;) {
    const run = await getExecution(api, jobExecutionId).catch((error: unknown) => {
      failures += 1;
      if (!isPassing(error) || failures > MAX_FAILURES) throw error;
      return undefined;
    });
    if (run !== undefined) {
      failures = 0;
      if (hasEnded(run)) {
        output.screen.close();
        return run;
      }
      show(run, output);
      notes.about(run);
    }
    await pause(pauseAfter(run), signal);
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof ApiError && (error.problem.status === 429 || error.problem.status >= 500);
}

function pauseAfter(run: ExecutionDetail | undefined): number {
  if (run === undefined) return SLOWEST_POLL_MS;
  const ranForMs = (run.durationSeconds ?? 0) * 1_000;
  return Math.min(SLOWEST_POLL_MS, Math.max(POLL_MS, ranForMs / SHARE_OF_RUN));
}

function show(run: ExecutionDetail, { screen }: Output): void {
  if (run.total === null || run.done === null) screen.working('listing the bank');
  else screen.progress(run.done, run.total, remainingTime(run));
}

/** Both times are the API's, because its clock may differ from that of this machine. */
function remainingTime({ startTime, durationSeconds, estimatedEnd }: ExecutionDetail): string {
  if (startTime === null || durationSeconds === null || estimatedEnd === null) {
    return 'remaining time not known yet';
  }
  const seconds = (Date.parse(estimatedEnd) - Date.parse(startTime)) / 1_000 - durationSeconds;
  return seconds < 1 ? 'nearly done' : `about ${formatDuration(seconds)} left`;
}

/** Lines for outputs without a bar, such as the log of a CI job: one for each tenth, wait and status. */
function createNotes({ note, screen }: Output): { about: (run: ExecutionDetail) => void } {
  const said = new Set<string>();
  const once = (key: string, line: string): void => {
    if (!said.has(key)) note(line);
    said.add(key);
  };
  return {
    about: (run) => {
      for (const { waitsFor, until } of run.waits) {
        const line = `Waiting for ${waitsFor}, until ${formatTime(until)}.`;
        once(line, line);
      }
      if (run.status === 'STOPPING')
        once('STOPPING', 'The run is stopping: batches in progress finish first.');
      if (screen.hasBar || run.total === null || run.total === 0 || run.done === null) return;
      once(
        `tenth ${Math.floor((run.done / run.total) * 10)}`,
        `${describeProgress(run)}, ${remainingTime(run)}`,
      );
    },
  };
}
