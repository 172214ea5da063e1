import type { Forecast, HourQuota, RequestCounts } from '../shared/contract/requests.ts';
import type { GitHubLimits } from './limits.ts';
import { PACE } from './pacing.ts';
import type { Quota } from './quota.ts';

/** What a run has before it. */
export interface RunSize {
  batches: number;
  /** How many batches are worked on at a time. */
  workers: number;
  /** Repositories whose webhooks are looked at, at most. */
  webhookChecks: number;
  /** What the listing has asked for. */
  listing: RequestCounts;
}

/** What GitHub allows it. */
export interface Allowance {
  limits: GitHubLimits | 'off';
  quota: Quota | undefined;
  now: Date;
}

// Of nightly runs, seven see every webhook.
const LEAST_SHARE = 1 / 7;
// Before anything is removed the organization is asked how many repositories it has.
const READS_OF_REMOVAL = 1;
const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

/**
 * Reckons with one look at the webhooks of each repository, as far as they fit into the hour, and with one query for
 * the heads of each batch. What has changed is not known before: its histories and contents, which are a few queries
 * for 25 items, and the webhooks that are to be created or repaired come on top.
 *
 * The time is what the tightest limit makes it. The client sends evenly, so that the minute's limits give a time for so
 * many requests; the last batches leave workers idle, which is reckoned with. What does not fit into the hour waits for
 * the next, and for as many more as it takes. How long GitHub takes to answer hardly matters beside that, and is left out.
 */
export function forecastRun(size: RunSize, allowance: Allowance): Forecast {
  const { limits, quota } = allowance;
  const webhookShare = limits === 'off' ? 1 : shareOf(size, quota?.rest);
  const webhookChecks = Math.min(size.webhookChecks, checksOf(size, webhookShare));
  const ahead = { reads: webhookChecks + READS_OF_REMOVAL, queries: size.batches };
  return {
    webhookShare,
    webhookChecks,
    requests: {
      reads: size.listing.reads + ahead.reads,
      queries: size.listing.queries + ahead.queries,
    },
    ...(limits !== 'off' && { seconds: secondsOf(size, ahead, { ...allowance, limits }) }),
    ...(quota && { quota }),
  };
}

/** As many as fit, and never fewer than what a week needs. */
function shareOf({ webhookChecks, batches }: RunSize, hour: HourQuota | undefined): number {
  const spare = hour ? Math.max(0, spareOf(hour) - READS_OF_REMOVAL) : Infinity;
  if (webhookChecks <= spare) return 1;
  // Each batch looks at a whole number of them, and rounds up.
  return Math.max(LEAST_SHARE, (spare - batches) / webhookChecks);
}

function checksOf({ webhookChecks, batches }: RunSize, share: number): number {
  return batches === 0 ? 0 : batches * Math.ceil((share * webhookChecks) / batches);
}

const spareOf = ({ remaining, reserved }: HourQuota): number => Math.max(0, remaining - reserved);

function secondsOf(
  { batches, workers }: RunSize,
  { reads, queries }: Forecast['requests'],
  { limits, quota, now }: Allowance & { limits: GitHubLimits },
): number {
  const rounds = Math.ceil(batches / workers);
  const idle = batches === 0 ? 1 : (rounds * workers) / batches;
  const pace = (perMinute: number) => (perMinute * PACE) / MINUTE_SECONDS / idle;
  const rest = { requests: reads, perSecond: pace(limits.restPointsPerMinute), hour: quota?.rest };
  const graphql = { requests: queries, perSecond: pace(limits.graphqlPointsPerMinute), hour: quota?.graphql };
  return Math.ceil(Math.max(secondsWithin(rest, now), secondsWithin(graphql, now)));
}

function secondsWithin(
  { requests, perSecond, hour }: { requests: number; perSecond: number; hour: HourQuota | undefined },
  now: Date,
): number {
  const spare = hour ? spareOf(hour) : Infinity;
  if (!hour || requests <= spare) return requests / perSecond;
  const untilReset = Math.max(0, (Date.parse(hour.resetAt) - now.getTime()) / 1_000);
  const perHour = Math.max(1, hour.limit - hour.reserved);
  const left = requests - spare;
  const furtherHours = Math.ceil(left / perHour) - 1;
  return untilReset + furtherHours * HOUR_SECONDS + (left - furtherHours * perHour) / perSecond;
}
