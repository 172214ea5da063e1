import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { STATES } from '../../functions/shared/contract/workflow.ts';
import { templateFor } from '../support/stack.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:ops';
const template = templateFor({ alarmTopicArn: TOPIC });
const alarms = (from = template) =>
  Object.values(from.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);

describe('an alarm', () => {
  it('is there for each way to fail that nobody would see', () => {
    expect(alarms().map(({ AlarmName }) => AlarmName)).toEqual([
      'item-sync-test-execution-failed',
      'item-sync-test-batch-failed',
      'item-sync-test-event-undelivered',
      'item-sync-test-schedule-skipped',
      'item-sync-test-api-failing',
    ]);
  });

  it('says what has happened and what to do, and does not ring while nothing is measured', () => {
    for (const { AlarmDescription, TreatMissingData } of alarms()) {
      expect(AlarmDescription.split('. ').length).toBeGreaterThan(1);
      expect(TreatMissingData).toBe('notBreaching');
    }
  });

  it('is sent to the topic of the setting, and otherwise to nobody', () => {
    for (const alarm of alarms()) expect(alarm.AlarmActions).toEqual([TOPIC]);
    for (const alarm of alarms(templateFor())) expect(alarm).not.toHaveProperty('AlarmActions');
  });
});

it('counts as failed the batches that the state machine leaves behind', () => {
  template.hasResourceProperties('AWS::Logs::MetricFilter', {
    FilterPattern: `{ ($.type = "PassStateEntered") && ($.details.name = "${STATES.batchFailed}") }`,
    MetricTransformations: [Match.objectLike({ MetricName: 'BatchesFailed-test' })],
  });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'BatchesFailed-test' });
});

it('an event that reaches no function, or whose function fails each time, goes to one queue', () => {
  const [[id] = []] = Object.entries(template.findResources('AWS::SQS::Queue'));
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
