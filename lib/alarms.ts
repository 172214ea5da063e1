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
import type { Shared } from './shared.ts';

interface AlarmsProps extends Pick<Shared, 'settings' | 'deadLetterQueue' | 'deliveryQueues'> {
  stateMachine: StateMachine;
  batchesFailed: IMetric;
  startsWhileRunning: IMetric;
  schedulesSkipped: IMetric;
  serverErrors: IMetric;
}

interface AlarmSpec {
  name: string;
  metric: IMetric;
  /** The value within five minutes that raises the alarm; 1 by default. */
  threshold?: number;
  /** Says what happened and what to do. */
  description: string;
}

const PERIOD = { period: Duration.minutes(5), statistic: Stats.SUM };

/**
 * Failures that a person has to look at. There are no alarms on the errors of single functions: such an error fails the
 * execution, sends the event to the dead-letter queue or becomes a 5xx of the API, and each of these has an alarm. Only a
 * batch fails without failing its execution, so that it has an alarm of its own.
 */
export class Alarms extends Construct {
  private readonly topic: ITopic | undefined;
  private readonly stage: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { stage, alarmTopicArn } = props.settings;
    this.stage = stage;
    this.topic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, 'Topic', alarmTopicArn);
    for (const spec of alarmSpecs(props)) this.add(spec);
  }

  private add({ name, metric, threshold = 1, description }: AlarmSpec): void {
    const alarm = new Alarm(this, name, {
      alarmName: resourceNames(this.stage).alarm(name),
      alarmDescription: description,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (this.topic) alarm.addAlarmAction(new SnsAction(this.topic));
  }
}

function alarmSpecs(props: AlarmsProps): AlarmSpec[] {
  const { stateMachine, batchesFailed, startsWhileRunning, schedulesSkipped, serverErrors } = props;
  const { deadLetterQueue, deliveryQueues } = props;
  const messagesIn = (queue: IQueue): IMetric =>
    queue.metricApproximateNumberOfMessagesVisible({ ...PERIOD, statistic: Stats.MAXIMUM });
  return [
    {
      name: 'execution-failed',
      metric: new MathExpression({
        // FILL, because the sum has no data while one of the metrics has none.
        expression: 'FILL(failed, 0) + FILL(timedOut, 0) - FILL(startsWhileRunning, 0)',
        usingMetrics: {
          startsWhileRunning,
          failed: stateMachine.metricFailed(PERIOD),
          timedOut: stateMachine.metricTimedOut(PERIOD),
        },
        period: PERIOD.period,
      }),
      description:
        'A run ended as FAILED or TIMED_OUT. Read its exit message in the execution history, or its error in the Step Functions console. Fix the cause and start a run: it does what is left.',
    },
    {
      name: 'batch-failed',
      metric: batchesFailed,
      description:
        'A batch of up to 100 item bank ids failed after all retries, and its run continued without it. The ERROR line "batch … failed" in the run log names the error and the ids. The next run processes these ids; start it once the cause is fixed.',
    },
    {
      name: 'event-undelivered',
      metric: messagesIn(deadLetterQueue),
      description:
        'A scheduled run did not start, or the record of an ended execution was not closed. The dead-letter queue holds the event: read it and the run log, start a run with POST /sync, and purge the queue.',
    },
    {
      name: 'delivery-failed',
      metric: messagesIn(deliveryQueues.failed),
      description:
        'Deliveries of GitHub could not be handled in ten attempts over about four hours. The run log has the ERROR and WARN lines of synchronize-deliveries. The next full run repairs the items in any case. The runbook, docs/operations.md, describes how to read the messages and how to move them back.',
    },
    {
      name: 'schedule-skipped',
      metric: schedulesSkipped,
      description:
        'A scheduled start was skipped because a run was in progress. Check in the Step Functions console whether that run makes progress. If it does, no action is needed; if it hangs, stop its execution and start a run.',
    },
    {
      name: 'api-failing',
      metric: serverErrors,
      // A single 503 only means that GitHub asked to wait.
      threshold: 5,
      description:
        'The API answered 5xx at least five times within five minutes. The access log shows the routes, and the run log shows the errors by request id. A common cause is an issuer whose keys cannot be fetched.',
    },
  ];
}
