import type { Forecast, HourQuota, RequestCounts } from '../shared/contract/requests.ts';
import type { GitHubLimits } from './limits.ts';
import { PACE } from './pacing.ts';
import type { Quota } from './quota.ts';

/** The work of a run. */
export interface RunSize {
  batches: number;
  /** Batches that are handled at the same time. */
  workers: number;
  /** Repositories in the largest batch. */
  batchSize: number;
  /** Repositories in a query for heads. */
  querySize: number;
  /** How long a query took in the last run; undefined if that is not known. */
  msPerQuery: number | undefined;
  webhookChecks: number;
  /** Share of the repositories whose webhooks are checked. */
  webhookShare: number;
  /** Requests that the listing has sent. */
  listing: RequestCounts;
}

/** What GitHub allows the run. */
export interface Allowance {
  limits: GitHubLimits | 'off';
  quota: Quota | undefined;
  now: Date;
}

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

/**
 * Counts the webhook checks, and the queries for heads in the size that worked last. Not included, because it is not known in
 * advance: the histories and contents of changed items (a few queries for a batch), additional webhook checks of new and
 * changed repositories, webhooks to be created or repaired, and items to be removed.
 *
 * The duration follows from the tightest limit. The client sends evenly, so the limits per minute determine how long
 * the requests take, including workers that idle during the last batches. Requests that do not fit into this hour wait
 * for further hours. Queries are expected to take as long as those of the last run. If there was none, only their number
 * counts. The response time of other requests is small in comparison, and is left out.
 */
export function forecastRun(size: RunSize, allowance: Allowance): Forecast {
  const { limits, quota } = allowance;
  const { batches, listing, webhookChecks, webhookShare } = size;
  const queries = batches * Math.ceil(size.batchSize / size.querySize);
  const ahead = { reads: webhookChecks, queries };
  return {
    webhookShare,
    webhookChecks,
    requests: { reads: listing.reads + ahead.reads, queries: listing.queries + ahead.queries },
    ...(limits !== 'off' && { seconds: secondsFor(ahead, size, { ...allowance, limits }) }),
    ...(quota && { quota }),
  };
}

/** The share of so many webhook checks that fits into the hour, at most 1. */
export function affordableShare(webhookChecks: number, { limits, quota }: Omit<Allowance, 'now'>): number {
  if (limits === 'off' || !quota || webhookChecks === 0) return 1;
  return Math.min(1, spareOf(quota.rest) / webhookChecks);
}

const spareOf = ({ remaining, reserved }: HourQuota): number => Math.max(0, remaining - reserved);

function secondsFor(
  { reads, queries }: Forecast['requests'],
  { batches, workers, msPerQuery = 0 }: RunSize,
  { limits, quota, now }: Allowance & { limits: GitHubLimits },
): number {
  const rounds = Math.ceil(batches / workers);
  // Workers without a batch in the last round leave a part of the limits unused.
  const stretch = batches === 0 ? 1 : (rounds * workers) / batches;
  const seconds = [
    { requests: reads, perMinute: limits.restPointsPerMinute, hour: quota?.rest },
    { requests: queries, perMinute: limits.graphqlPointsPerMinute, hour: quota?.graphql },
  ].map(({ requests, perMinute, hour }) => {
    const perSecond = (perMinute * PACE) / MINUTE_SECONDS / stretch;
    const spare = hour ? spareOf(hour) : Infinity;
    if (!hour || requests <= spare) return requests / perSecond;
    const untilReset = Math.max(0, (Date.parse(hour.resetAt) - now.getTime()) / 1_000);
    const perHour = Math.max(1, hour.limit - hour.reserved);
    const left = requests - spare;
    const fullHours = Math.ceil(left / perHour) - 1;
    return untilReset + fullHours * HOUR_SECONDS + (left - fullHours * perHour) / perSecond;
  });
  const computing = (queries * msPerQuery) / 1_000;
  const computingPerSecond = (limits.graphqlSecondsPerMinute * PACE) / MINUTE_SECONDS / stretch;
  return Math.ceil(Math.max(...seconds, computing / computingPerSecond));
}
