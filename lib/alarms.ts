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
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import type { Shared } from './shared.ts';

interface AlarmsProps extends Pick<Shared, 'settings' | 'undelivered'> {
  stateMachine: StateMachine;
  batchesFailed: IMetric;
  schedulesSkipped: IMetric;
  serverErrors: IMetric;
}

interface Trouble {
  name: string;
  metric: IMetric;
  /** How many within five minutes are trouble; one, unless given. */
  threshold?: number;
  /** What has happened, and what to do. */
  description: string;
}

const PERIOD = { period: Duration.minutes(5), statistic: Stats.SUM };

/**
 * What somebody has to look at. Each way to fail has one alarm: what a function fails at ends the execution, comes back
 * to the queue or is an answer of the API. Only a batch fails alone.
 */
export class Alarms extends Construct {
  private readonly topic: ITopic | undefined;
  private readonly stage: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { stage, alarmTopicArn } = props.settings;
    this.stage = stage;
    this.topic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, 'Topic', alarmTopicArn);
    for (const trouble of troublesOf(props)) this.add(trouble);
  }

  private add({ name, metric, threshold = 1, description }: Trouble): void {
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

function troublesOf(props: AlarmsProps): Trouble[] {
  const { stateMachine, batchesFailed, undelivered, schedulesSkipped, serverErrors } = props;
  return [
    {
      name: 'execution-failed',
      metric: new MathExpression({
        // A run that failed did not time out, and a metric without data would leave the sum without data.
        expression: 'FILL(failed, 0) + FILL(timedOut, 0)',
        usingMetrics: {
          failed: stateMachine.metricFailed(PERIOD),
          timedOut: stateMachine.metricTimedOut(PERIOD),
        },
        period: PERIOD.period,
      }),
      description:
        'A run ended as FAILED or TIMED_OUT. Read its exit message in the history or its error in the Step Functions console, mend the cause, and start a run: it does what is left. JobExecutionAlreadyRunning needs nothing.',
    },
    {
      name: 'batch-failed',
      metric: batchesFailed,
      description:
        'A batch of up to 100 item bank ids failed for good, and its run went on without it. Look for ERROR lines of synchronize-batch in the log of the run. The next run takes what this one left; start it once the cause is mended.',
    },
    {
      name: 'event-undelivered',
      metric: undelivered.metricApproximateNumberOfMessagesVisible({ ...PERIOD, statistic: Stats.MAXIMUM }),
      description:
        'A scheduled start did not start, or the record of an execution that ended was not closed. The queue has the event: read it and the log of the function, start a run by POST /sync, and purge the queue.',
    },
    {
      name: 'schedule-skipped',
      metric: schedulesSkipped,
      description:
        'A scheduled start met a run that is under way. See in the Step Functions console whether that run makes progress. If it does, nothing is to be done; if it hangs, stop its execution and start a run.',
    },
    {
      name: 'api-failing',
      metric: serverErrors,
      // A single 503 says that GitHub asks to wait.
      threshold: 5,
      description:
        'The API answered 5xx five times or more within five minutes. The access log says which route, and the log of the run has the error by its request id. Keys of the issuer that cannot be fetched are a usual cause.',
    },
  ];
}
