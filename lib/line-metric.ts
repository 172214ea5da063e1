import { Duration } from 'aws-cdk-lib';
import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type IFilterPattern, type LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { METRIC_NAMESPACE } from '../functions/shared/contract/metrics.ts';

interface LineMetricProps {
  /** The name of the metric, in CamelCase. */
  name: string;
  stage: string;
  pattern: IFilterPattern;
}

/** Creates a metric that counts the lines of a log that match a pattern. */
export function countLines(logGroup: LogGroup, { name, stage, pattern }: LineMetricProps): Metric {
  const filter = new MetricFilter(logGroup, name, {
    logGroup,
    filterPattern: pattern,
    metricNamespace: METRIC_NAMESPACE,
    metricName: `${name}-${stage}`,
  });
  return filter.metric({ statistic: Stats.SUM, period: Duration.minutes(5) });
}
