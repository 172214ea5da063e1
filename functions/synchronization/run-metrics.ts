import type { JobExecution } from '../executions/job-execution.ts';
import { EXIT_CODES, OUTCOMES } from '../shared/contract/job-execution.ts';
import {
  EXIT_CODE_METRICS,
  type MetricName,
  type MetricValues,
  OUTCOME_METRICS,
  WEBHOOK_METRICS,
} from '../shared/contract/metrics.ts';
import type { Forecast, RequestCounts } from '../shared/contract/requests.ts';
import { WEBHOOK_STATES } from '../shared/contract/webhooks.ts';
import { finishedRun } from './finished-run.ts';

interface RunFacts {
  /** Whether the whole bank was compared with the mirror. */
  isFullRun: boolean;
  /** From `oldestItemAge`, in seconds; undefined if it is not known. */
  oldestItemAge: number | undefined;
  /** Whether the notification about the run could not be sent. */
  isNotificationLost: boolean;
}

/**
 * The metrics of a run that has ended. Unknown values are absent, because a 0 would look like a measurement: a run that
 * failed before its end has no counts.
 */
export function runMetrics(execution: JobExecution, facts: RunFacts): MetricValues {
  const { exitCode, counts, requests, forecast } = execution;
  const { durationSeconds } = finishedRun(execution);
  const { isFullRun, oldestItemAge, isNotificationLost } = facts;
  return {
    ...valuesOf(EXIT_CODES, EXIT_CODE_METRICS, (each) => Number(each === exitCode)),
    FullRuns: Number(isFullRun),
    NotificationsFailed: Number(isNotificationLost),
    ...(durationSeconds !== undefined && { RunDuration: durationSeconds }),
    ...(counts && {
      ...valuesOf(OUTCOMES, OUTCOME_METRICS, (outcome) => counts[outcome]),
      ...valuesOf(WEBHOOK_STATES, WEBHOOK_METRICS, (state) => counts.webhooks[state]),
      ChangedWithoutDelivery: counts.changedWithoutDelivery,
    }),
    ...(oldestItemAge !== undefined && { OldestItemAge: oldestItemAge }),
    ...(requests && requestMetrics(requests)),
    ...(forecast && forecastMetrics(forecast)),
  };
}

/** The value of each key under the name of its metric. */
function valuesOf<Key extends string>(
  keys: readonly Key[],
  names: Readonly<Record<Key, MetricName>>,
  countOf: (key: Key) => number,
): MetricValues {
  return Object.fromEntries(keys.map((key) => [names[key], countOf(key)]));
}

const requestMetrics = ({ reads, writes, queries, refused }: RequestCounts): MetricValues => ({
  GitHubReads: reads,
  GitHubWrites: writes,
  GitHubQueries: queries,
  GitHubRefusals: refused,
});

/** The forecast of the duration, and what was left of the hourly quota when the bank was listed. */
const forecastMetrics = ({ seconds, quota }: Forecast): MetricValues => ({
  ...(seconds !== undefined && { RunDurationForecast: Math.round(seconds) }),
  ...(quota && { RestQuotaLeft: quota.rest.remaining }),
  ...(quota?.graphql && { GraphqlQuotaLeft: quota.graphql.remaining }),
});
