import { Duration } from 'aws-cdk-lib';
import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type IFilterPattern, type LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';

interface CountedLines {
  /** Of the metric, in CamelCase. */
  name: string;
  stage: string;
  pattern: IFilterPattern;
}

/** Counts lines of a log in a metric of the stage. */
export function countLines(logGroup: LogGroup, { name, stage, pattern }: CountedLines): Metric {
  const filter = new MetricFilter(logGroup, name, {
    logGroup,
    filterPattern: pattern,
    metricNamespace: 'ItemSync',
    metricName: `${name}-${stage}`,
  });
  return filter.metric({ statistic: Stats.SUM, period: Duration.minutes(5) });
}
