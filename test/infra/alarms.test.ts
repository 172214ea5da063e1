import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { STATES } from '../../functions/shared/contract/workflow.ts';
import { templateFor } from '../support/stack.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:ops';
const template = templateFor({ alarmTopicArn: TOPIC });
const alarms = (from = template) =>
  Object.values(from.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);

describe('alarms', () => {
  it('exist for every failure that nobody would notice otherwise', () => {
    expect(alarms().map(({ AlarmName }) => AlarmName)).toEqual([
      'item-sync-test-execution-failed',
      'item-sync-test-batch-failed',
      'item-sync-test-event-undelivered',
      'item-sync-test-delivery-failed',
      'item-sync-test-schedule-skipped',
      'item-sync-test-api-failing',
    ]);
  });

  it('say what happened and what to do, and stay silent while there is no data', () => {
    for (const { AlarmDescription, TreatMissingData } of alarms()) {
      expect(AlarmDescription.split('. ').length).toBeGreaterThan(1);
      expect(TreatMissingData).toBe('notBreaching');
    }
  });

  it('notify the topic of the setting, or nobody without one', () => {
    for (const alarm of alarms()) expect(alarm.AlarmActions).toEqual([TOPIC]);
    for (const alarm of alarms(templateFor())) expect(alarm).not.toHaveProperty('AlarmActions');
  });
});

it('counts the batches that the state machine gave up on', () => {
  template.hasResourceProperties('AWS::Logs::MetricFilter', {
    FilterPattern: `{ ($.type = "PassStateEntered") && ($.details.name = "${STATES.batchFailed}") }`,
    MetricTransformations: [Match.objectLike({ MetricName: 'BatchesFailed-test' })],
  });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'BatchesFailed-test' });
});

it('sends events that could not be delivered or handled to one dead-letter queue', () => {
  const [[id] = []] = Object.entries(
    template.findResources('AWS::SQS::Queue', { Properties: { QueueName: 'item-sync-test-undelivered' } }),
  );
  const arn = { 'Fn::GetAtt': [id, 'Arn'] };
  const rules = Object.values(template.findResources('AWS::Events::Rule'));
  expect(rules).toHaveLength(2);
  for (const { Properties } of rules) {
    expect(Properties.Targets).toMatchObject([{ DeadLetterConfig: { Arn: arn } }]);
  }
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  const withQueue = functions.filter(
    ({ Properties }) => Properties.DeadLetterConfig?.TargetArn !== undefined,
  );
  expect(withQueue.map(({ Properties }) => Properties.FunctionName).sort()).toEqual([
    'item-sync-test-close-execution',
    'item-sync-test-start-scheduled-sync',
  ]);
  for (const { Properties } of withQueue) expect(Properties.DeadLetterConfig.TargetArn).toEqual(arn);
});
