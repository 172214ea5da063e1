import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import { serviceMetric } from './service-metric.ts';
import type { Shared } from './shared.ts';

interface AlarmsProps extends Pick<Shared, 'settings' | 'deadLetterQueue' | 'deliveryQueues'> {
  stateMachine: StateMachine;
  batchesFailed: IMetric;
  startsWhileRunning: IMetric;
  schedulesSkipped: IMetric;
  reserveReached: IMetric;
  serverErrors: IMetric;
  authorizerFailures: IMetric;
}

interface AlarmSpec {
  name: string;
  /** The section in docs/runbook.md; the name of the alarm by default. */
  section?: string;
  metric: IMetric;
  /** The value that raises the alarm; 1 by default. */
  threshold?: number;
  /** By default, the alarm is raised by values of at least the threshold. */
  comparison?: ComparisonOperator;
  /** How many periods in a row raise the alarm; 1 by default. */
  periods?: number;
  /** How a period without data counts; by default as one without a problem. */
  missingData?: TreatMissingData;
  /** A sentence that says what happened. */
  description: string;
}

const PERIOD = { period: Duration.minutes(5), statistic: Stats.SUM };
const HOUR = Duration.hours(1);

/**
 * Failures that a person has to look at. There are no alarms on the errors of single functions: such an error fails the
 * execution, sends the event to the dead-letter queue or becomes a 5xx of the API, and each of these has an alarm. Only a
 * batch fails without failing its execution, so that it has an alarm of its own.
 */
export class Alarms extends Construct {
  readonly all: Alarm[];
  private readonly topic: ITopic | undefined;
  private readonly stage: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { stage, alarmTopicArn } = props.settings;
    this.stage = stage;
    this.topic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, 'Topic', alarmTopicArn);
    const specs = [
      ...runAlarms(props),
      ...freshnessAlarms(props),
      ...queueAlarms(props),
      ...apiAlarms(props),
    ];
    this.all = specs.map((spec) => this.add(spec));
  }

  private add(spec: AlarmSpec): Alarm {
    const { name, section = name, metric, threshold = 1, description, periods = 1 } = spec;
    const { comparison = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD } = spec;
    const alarm = new Alarm(this, name, {
      alarmName: resourceNames(this.stage).alarm(name),
      alarmDescription: `${description} What to do: docs/runbook.md#${section}`,
      metric,
      threshold,
      comparisonOperator: comparison,
      evaluationPeriods: periods,
      treatMissingData: spec.missingData ?? TreatMissingData.NOT_BREACHING,
    });
    if (this.topic) alarm.addAlarmAction(new SnsAction(this.topic));
    return alarm;
  }
}

/** How a run ended, or did not begin. */
function runAlarms(props: AlarmsProps): AlarmSpec[] {
  const { stateMachine, batchesFailed, startsWhileRunning, schedulesSkipped, reserveReached, settings } =
    props;
  const sum = { stage: settings.stage, statistic: 'Sum' } as const;
  return [
    {
      name: 'run-failed',
      metric: new MathExpression({
        // FILL, because the sum has no data while one of the metrics has none.
        expression: 'FILL(recorded, 0) + FILL(failed, 0) + FILL(timedOut, 0) - FILL(startsWhileRunning, 0)',
        usingMetrics: {
          // Also of a run whose execution never began, which Step Functions does not count.
          recorded: serviceMetric('RunsFailed', sum),
          startsWhileRunning,
          failed: stateMachine.metricFailed(PERIOD),
          timedOut: stateMachine.metricTimedOut(PERIOD),
        },
        period: PERIOD.period,
      }),
      description: 'A run ended as FAILED or TIMED_OUT.',
    },
    {
      name: 'run-incomplete',
      metric: new MathExpression({
        expression: 'withFailures + incompleteListing',
        usingMetrics: {
          withFailures: serviceMetric('RunsCompletedWithFailures', sum),
          incompleteListing: serviceMetric('RunsIncompleteListing', sum),
        },
        period: PERIOD.period,
      }),
      description:
        'A run ended as COMPLETED_WITH_FAILURES or INCOMPLETE_LISTING: some items were not synchronized.',
    },
    {
      name: 'batch-failed',
      metric: batchesFailed,
      description:
        'A batch of up to 100 item bank ids failed after all retries, and its run continued without it.',
    },
    {
      name: 'schedule-skipped',
      metric: schedulesSkipped,
      description: 'A scheduled start was skipped because a run was in progress.',
    },
    {
      name: 'github-quota',
      metric: reserveReached,
      description:
        "GitHub's hourly quota is down to the reserve for other users, so that this service waits.",
    },
  ];
}

/** With `dryRunOnly`, a stage never completes a full run, so that it has none of these alarms. */
function freshnessAlarms({ settings }: AlarmsProps): AlarmSpec[] {
  const { stage, fullRunMaxAgeHours, staleItemHours, dryRunOnly } = settings;
  if (dryRunOnly === 'true') return [];
  return [
    {
      name: 'no-full-run',
      metric: new MathExpression({
        // FILL makes every hour a data point. Without it, CloudWatch would also look at runs before the last 26 hours:
        // docs/decisions/0039
        expression: 'FILL(fullRuns, 0)',
        usingMetrics: { fullRuns: serviceMetric('FullRuns', { stage, statistic: 'Sum', period: HOUR }) },
        period: HOUR,
      }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      // Periods of an hour or more may add up to seven days, shorter ones to one day:
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
      periods: fullRunMaxAgeHours,
      missingData: TreatMissingData.BREACHING,
      description: `No full run has completed within ${fullRunMaxAgeHours} hours.`,
    },
    {
      name: 'stale-items',
      metric: serviceMetric('OldestItemAge', { stage, statistic: 'Maximum', period: HOUR }),
      threshold: Duration.hours(staleItemHours).toSeconds(),
      // Only full runs write this metric. Between them, the alarm keeps its state.
      missingData: TreatMissingData.IGNORE,
      description: `At least one item has failed or been deferred for ${staleItemHours} hours or more, so that its mirror is stale.`,
    },
  ];
}

function queueAlarms({ deadLetterQueue, deliveryQueues }: AlarmsProps): AlarmSpec[] {
  const messagesIn = (queue: IQueue): IMetric =>
    queue.metricApproximateNumberOfMessagesVisible({ ...PERIOD, statistic: Stats.MAXIMUM });
  const section = 'dead-letter-queues';
  return [
    {
      name: 'event-undelivered',
      section,
      metric: messagesIn(deadLetterQueue),
      description: 'A scheduled run did not start, or the record of an ended execution was not closed.',
    },
    {
      name: 'delivery-failed',
      section,
      metric: messagesIn(deliveryQueues.failed),
      description: 'Deliveries of GitHub could not be handled in ten attempts over about four hours.',
    },
  ];
}

function apiAlarms({ serverErrors, authorizerFailures }: AlarmsProps): AlarmSpec[] {
  return [
    {
      name: 'authorizer-failing',
      metric: authorizerFailures,
      description: 'The authorizer failed or was throttled, so that valid tokens may have been rejected.',
    },
    {
      name: 'api-failing',
      metric: serverErrors,
      // A single 503 only means that GitHub asked to wait.
      threshold: 5,
      description: 'The API answered 5xx at least five times within five minutes.',
    },
  ];
}
