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
  /** Fields of the line that are no metrics, for queries over the log. */
  fields?: Readonly<Record<string, string>>;
}

/** Writes metrics as one line of the log, from which CloudWatch takes them. */
export type EmitMetrics = (values: MetricValues, facts?: Facts) => void;

/**
 * The line is JSON in the embedded metric format, without a message, so that readers of the run log skip it. Lambda passes
 * a JSON line on as it is, but drops it if the log level is above that of the line, and a line without a level and a time
 * counts as INFO: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 * Each line therefore has the level of the function.
 */
export function metricsOf(stage: string): EmitMetrics {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE });
  // Powertools' own dimension is the name of the function, which readers of a metric do not know.
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
