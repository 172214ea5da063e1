import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import {
  DIMENSIONS,
  METRIC_NAMESPACE,
  type MetricDimensions,
  type MetricName,
} from '../functions/shared/contract/metrics.ts';

interface ServiceMetricProps {
  stage: string;
  statistic: 'Sum' | 'Maximum' | 'Minimum';
  /** Five minutes by default. */
  period?: Duration;
  dimensions?: MetricDimensions;
}

/** A metric that the functions write. */
export function serviceMetric(name: MetricName, props: ServiceMetricProps): Metric {
  const { stage, statistic, period = Duration.minutes(5), dimensions } = props;
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: name,
    dimensionsMap: { [DIMENSIONS.stage]: stage, ...dimensions },
    statistic,
    period,
    // Without a label, the console shows the name of the metric.
    ...(dimensions?.Reason && { label: dimensions.Reason }),
  });
}
