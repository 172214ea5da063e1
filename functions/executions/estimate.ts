/** A run that is working. Times are ISO 8601. */
export interface RunInProgress {
  startTime: string | null;
  /** Item bank ids of the listing; `null` before there is one. */
  total: number | null;
  done: number | null;
  /** How long GitHub's limits make the run take, in seconds. */
  forecastSeconds: number | undefined;
  /** The ends of the waits for GitHub. */
  waits: readonly { until: string }[];
}

/**
 * When a run in progress is expected to end.
 *
 * - The forecast, counted from the start of the run, is accurate if GitHub's limits decide how long the run takes. It
 *   does not include changed items, so that the run can take longer.
 * - Once that time has passed, or without a forecast, each remaining id is expected to take as long as the finished
 *   ones took on average.
 * - There is no estimate before the bank is listed, or while no id is done and there is no forecast.
 * - When all ids are done, only steps that usually take seconds are left.
 *
 * The estimate is never in the past, and never before the end of a wait for GitHub.
 * @returns null if there is no estimate.
 */
export function estimateEnd(run: RunInProgress, now: Date): Date | null {
  const { startTime, total, waits, forecastSeconds } = run;
  if (startTime === null || total === null) return null;
  const done = run.done ?? 0;
  const start = Date.parse(startTime);
  const elapsed = now.getTime() - start;
  const forecast = forecastSeconds === undefined ? 0 : start + forecastSeconds * 1_000;
  const ends = waits.map(({ until }) => Date.parse(until));
  const endBy = (expected: number): Date => new Date(Math.max(now.getTime(), expected, ...ends));
  if (done >= total) return endBy(0);
  if (forecast > now.getTime()) return endBy(forecast);
  if (done === 0) return null;
  return endBy(now.getTime() + (elapsed / done) * (total - done));
}
