import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { DROP_REASONS } from '../functions/shared/contract/deliveries.ts';
import {
  EXIT_CODE_METRICS,
  type MetricName,
  OUTCOME_METRICS,
  WEBHOOK_METRICS,
} from '../functions/shared/contract/metrics.ts';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { FAILURES, LAST_RUNS, queryLines } from './saved-queries.ts';
import { serviceMetric } from './service-metric.ts';
import type { Shared } from './shared.ts';

interface RunDashboardProps extends Pick<Shared, 'settings' | 'log' | 'deliveryQueues'> {
  alarms: readonly IAlarm[];
}

// The console divides a row into 24 columns.
const ROW = 24;
const HALF = 12;
const THIRD = 8;
const HEIGHT = 6;
const NIGHT = Duration.days(1);
const HOUR = Duration.hours(1);

/** One page that shows whether the last runs succeeded, how long they took, and how old the mirror is. */
export class RunDashboard extends Construct {
  private readonly stage: string;

  constructor(scope: Construct, id: string, props: RunDashboardProps) {
    super(scope, id);
    this.stage = props.settings.stage;
    new Dashboard(this, 'Dashboard', {
      dashboardName: resourceNames(this.stage).dashboard,
      defaultInterval: Duration.days(14),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...props.alarms], width: ROW, height: 4 })],
        this.logWidgets(props),
        this.runWidgets(),
        this.bankWidgets(),
        this.deliveryWidgets(props),
      ],
    });
  }

  private logWidgets({ log }: RunDashboardProps): IWidget[] {
    return [LAST_RUNS, FAILURES].map(
      (query) =>
        new LogQueryWidget({
          title: query.title,
          logGroupNames: [log.logGroupName],
          queryLines: queryLines(query),
          view: LogQueryVisualizationType.TABLE,
          width: HALF,
          height: HEIGHT,
        }),
    );
  }

  private runWidgets(): IWidget[] {
    return [
      this.graph('Runs by exit code', this.sums(Object.values(EXIT_CODE_METRICS), NIGHT)),
      this.graph('Items by outcome, without unchanged ones', this.sums(changedOutcomes(), NIGHT)),
      this.graph('Duration of runs against their forecast, seconds', [
        this.maximum('RunDuration', NIGHT),
        this.maximum('RunDurationForecast', NIGHT),
      ]),
    ];
  }

  private bankWidgets(): IWidget[] {
    const age = new MathExpression({
      expression: 'age / 3600',
      usingMetrics: { age: this.maximum('OldestItemAge', NIGHT) },
      period: NIGHT,
      label: 'age of the oldest item, hours',
    });
    const quotas: MetricName[] = ['RestQuotaLeft', 'GraphqlQuotaLeft'];
    const requests: MetricName[] = ['GitHubReads', 'GitHubWrites', 'GitHubQueries', 'GitHubRefusals'];
    return [
      this.graph('Freshness', [age, ...this.sums(['FullRuns', 'ChangedWithoutDelivery'], NIGHT)]),
      this.graph('GitHub: requests of runs, and quota left when they began', [
        ...this.sums(requests, NIGHT),
        ...quotas.map((name) =>
          serviceMetric(name, { stage: this.stage, statistic: 'Minimum', period: NIGHT }),
        ),
      ]),
      this.graph(
        'Webhooks by state',
        Object.values(WEBHOOK_METRICS).map((name) => this.maximum(name, NIGHT)),
      ),
    ];
  }

  private deliveryWidgets({ deliveryQueues }: RunDashboardProps): IWidget[] {
    const results: MetricName[] = ['DeliveriesSynchronized', 'DeliveriesReturned', 'DeliveriesFailed'];
    const { queue, failed } = deliveryQueues;
    const waiting = [queue, failed].map((each) =>
      each.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: HOUR }),
    );
    return [
      this.graph('Deliveries by result', this.sums(results, HOUR)),
      this.graph(
        'Dropped deliveries by reason',
        DROP_REASONS.map((Reason) =>
          serviceMetric('DeliveriesDropped', {
            stage: this.stage,
            statistic: 'Sum',
            period: HOUR,
            dimensions: { Reason },
          }),
        ),
      ),
      this.graph('Messages in the queues, and lost notifications', [
        ...waiting,
        ...this.sums(['NotificationsFailed'], HOUR),
      ]),
    ];
  }

  private sums(names: readonly MetricName[], period: Duration): IMetric[] {
    return names.map((name) => serviceMetric(name, { stage: this.stage, statistic: 'Sum', period }));
  }

  private maximum(name: MetricName, period: Duration): IMetric {
    return serviceMetric(name, { stage: this.stage, statistic: 'Maximum', period });
  }

  private graph(title: string, left: IMetric[]): GraphWidget {
    return new GraphWidget({ title, left, width: THIRD, height: HEIGHT, leftYAxis: { min: 0 } });
  }
}

/** Without unchanged items: there are so many that they would dwarf the others. */
const changedOutcomes = (): MetricName[] =>
  Object.values(OUTCOME_METRICS).filter((name) => name !== 'ItemsUnchanged');
