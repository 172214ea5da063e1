import type { MetricDimensions, MetricValues } from '../../functions/shared/contract/metrics.ts';
import type { EmitMetrics } from '../../functions/shared/metrics.ts';

/** One line of metrics. */
export interface EmittedMetrics {
  values: MetricValues;
  dimensions?: MetricDimensions;
  fields?: Readonly<Record<string, string>>;
}

/** Metrics that a test can read. */
export function recordMetrics(): { metrics: EmittedMetrics[]; emitMetrics: EmitMetrics } {
  const metrics: EmittedMetrics[] = [];
  return { metrics, emitMetrics: (values, facts) => void metrics.push({ values, ...facts }) };
}
