import type { DropReason } from './deliveries.ts';
import type { ExitCode, Outcome } from './job-execution.ts';
import type { WebhookState } from './webhooks.ts';

/** The CloudWatch namespace of every metric of this service. */
export const METRIC_NAMESPACE = 'ItemSync';

/** Names of the dimensions. Every metric has the stage, so that two stages in one account do not mix. */
export const DIMENSIONS = { stage: 'Stage', reason: 'Reason' } as const;

/** The units of CloudWatch that are used here. */
type Unit = 'Count' | 'Seconds';

/**
 * Metrics of a run, with their units. They are written as one line when the run ends. Dry runs write none. A run that
 * failed before its end leaves out its counts, because they are not known.
 */
const RUN_METRICS = {
  RunsCompleted: 'Count',
  RunsCompletedWithFailures: 'Count',
  RunsIncompleteListing: 'Count',
  RunsStopped: 'Count',
  RunsFailed: 'Count',
  RunsAbandoned: 'Count',
  FullRuns: 'Count',
  RunDuration: 'Seconds',
  RunDurationForecast: 'Seconds',
  ItemsCreated: 'Count',
  ItemsUpdated: 'Count',
  ItemsDerived: 'Count',
  ItemsUnchanged: 'Count',
  ItemsRemoved: 'Count',
  ItemsDeferred: 'Count',
  ItemsFailed: 'Count',
  OldestItemAge: 'Seconds',
  WebhooksPresent: 'Count',
  WebhooksMissing: 'Count',
  WebhooksDiffering: 'Count',
  WebhooksCreated: 'Count',
  WebhooksRepaired: 'Count',
  WebhooksArchived: 'Count',
  WebhooksForbidden: 'Count',
  WebhooksUnchecked: 'Count',
  ChangedWithoutDelivery: 'Count',
  GitHubReads: 'Count',
  GitHubWrites: 'Count',
  GitHubQueries: 'Count',
  GitHubRefusals: 'Count',
  RestQuotaLeft: 'Count',
  GraphqlQuotaLeft: 'Count',
  NotificationsFailed: 'Count',
} as const satisfies Record<string, Unit>;

/** Metrics of GitHub's deliveries, with their units. `DeliveriesDropped` has the dimension `Reason`. */
const DELIVERY_METRICS = {
  DeliveriesDropped: 'Count',
  DeliveriesSynchronized: 'Count',
  DeliveriesReturned: 'Count',
  DeliveriesFailed: 'Count',
} as const satisfies Record<string, Unit>;

export const METRICS = { ...RUN_METRICS, ...DELIVERY_METRICS };
export type MetricName = keyof typeof METRICS;
export type MetricValues = Partial<Record<MetricName, number>>;

/** Dimensions of a metric besides the stage. */
export interface MetricDimensions {
  Reason?: DropReason;
}

export const EXIT_CODE_METRICS = {
  COMPLETED: 'RunsCompleted',
  COMPLETED_WITH_FAILURES: 'RunsCompletedWithFailures',
  INCOMPLETE_LISTING: 'RunsIncompleteListing',
  STOPPED: 'RunsStopped',
  FAILED: 'RunsFailed',
  ABANDONED: 'RunsAbandoned',
} as const satisfies Record<ExitCode, MetricName>;

export const OUTCOME_METRICS = {
  created: 'ItemsCreated',
  updated: 'ItemsUpdated',
  derived: 'ItemsDerived',
  unchanged: 'ItemsUnchanged',
  removed: 'ItemsRemoved',
  deferred: 'ItemsDeferred',
  failed: 'ItemsFailed',
} as const satisfies Record<Outcome, MetricName>;

export const WEBHOOK_METRICS = {
  present: 'WebhooksPresent',
  missing: 'WebhooksMissing',
  differs: 'WebhooksDiffering',
  created: 'WebhooksCreated',
  repaired: 'WebhooksRepaired',
  archived: 'WebhooksArchived',
  forbidden: 'WebhooksForbidden',
  unchecked: 'WebhooksUnchecked',
} as const satisfies Record<WebhookState, MetricName>;
