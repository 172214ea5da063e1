import { Metrics } from '@aws-lambda-powertools/metrics';
import {
  DIMENSIONS,
  METRIC_NAMESPACE,
  METRICS,
  type MetricDimensions,
  type MetricValues,
} from './contract/metrics.ts';

interface Facts {
  dimensions?: MetricDimensions;
  /** Other fields of the line, for queries of the log. */
  fields?: Readonly<Record<string, string>>;
}

/** Writes metrics as one line of the log. CloudWatch extracts them from it. */
export type EmitMetrics = (values: MetricValues, facts?: Facts) => void;

/**
 * The line is JSON in the embedded metric format. It has no message, so that readers of the run log skip it. Lambda passes
 * on a JSON line unchanged, but drops it if its level is below the log level of the function. A line without a level and a
 * time counts as INFO: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 * Each line therefore has the log level of the function.
 */
export function metricsOf(stage: string): EmitMetrics {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE });
  // Powertools adds the name of the function as a dimension by default. Readers of a metric do not know which one wrote
  // it.
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ [DIMENSIONS.stage]: stage });
  return (values, { dimensions = {}, fields = {} } = {}) => {
    for (const [name, value] of Object.entries(dimensions)) metrics.addDimension(name, value);
    for (const [name, value] of Object.entries(values)) {
      metrics.addMetric(name, METRICS[name as keyof MetricValues], value);
    }
    const level = process.env['AWS_LAMBDA_LOG_LEVEL'] ?? 'INFO';
    const line = { level, timestamp: new Date().toISOString(), ...fields };
    for (const [name, value] of Object.entries(line)) metrics.addMetadata(name, value);
    metrics.publishStoredMetrics();
  };
}
