import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { RESERVE_REACHED } from '../../functions/shared/contract/log-line.ts';
import { STATES } from '../../functions/shared/contract/workflow.ts';
import { templateFor } from '../support/stack.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:ops';
const template = templateFor({ alarmTopicArn: TOPIC });
const alarms = (from = template) =>
  Object.values(from.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
const alarm = (name: string, from = template) =>
  alarms(from).find(({ AlarmName }) => AlarmName === `item-sync-test-${name}`);

describe('alarms', () => {
  it('exist for every failure that nobody would notice otherwise', () => {
    expect(alarms().map(({ AlarmName }) => AlarmName)).toEqual([
      'item-sync-test-run-failed',
      'item-sync-test-run-incomplete',
      'item-sync-test-batch-failed',
      'item-sync-test-schedule-skipped',
      'item-sync-test-github-quota',
      'item-sync-test-no-full-run',
      'item-sync-test-stale-items',
      'item-sync-test-event-undelivered',
      'item-sync-test-delivery-failed',
      'item-sync-test-authorizer-failing',
      'item-sync-test-api-failing',
    ]);
  });

  it('say what happened, and name a section of the runbook that exists', () => {
    const runbook = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
    const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    const named = alarms().map(({ AlarmDescription }) => {
      expect(AlarmDescription.length).toBeLessThanOrEqual(1_024);
      return /^\S.+\. What to do: docs\/runbook\.md#([\w-]+)$/.exec(AlarmDescription)?.[1];
    });
    for (const section of named) expect(sections).toContain(section);
  });

  it('stay silent while there is no data, except those about missing runs', () => {
    const others = alarms().filter(({ TreatMissingData }) => TreatMissingData !== 'notBreaching');
    expect(others.map(({ AlarmName, TreatMissingData }) => [AlarmName, TreatMissingData])).toEqual([
      ['item-sync-test-no-full-run', 'breaching'],
      // Only full runs measure it.
      ['item-sync-test-stale-items', 'ignore'],
    ]);
  });

  it('notify the topic of the setting, or nobody without one', () => {
    for (const { AlarmActions } of alarms()) expect(AlarmActions).toEqual([TOPIC]);
    for (const one of alarms(templateFor())) expect(one).not.toHaveProperty('AlarmActions');
  });

  it('look back for no longer than CloudWatch allows', () => {
    const longest = templateFor({ fullRunMaxAgeHours: '168' });
    for (const { Period, Metrics = [], EvaluationPeriods } of [...alarms(), ...alarms(longest)]) {
      const periods = Metrics.flatMap(({ MetricStat }: { MetricStat?: { Period: number } }) =>
        MetricStat ? [MetricStat.Period] : [],
      );
      for (const period of Period ? [Period] : periods) {
        expect(period * EvaluationPeriods).toBeLessThanOrEqual(period < 3_600 ? 86_400 : 604_800);
      }
    }
  });
});

describe('the alarm about missing full runs', () => {
  it('counts an hour without data as one without a run, for 26 hours or those of the setting', () => {
    expect(alarm('no-full-run')).toMatchObject({
      Metrics: [
        { Expression: 'FILL(fullRuns, 0)' },
        {
          MetricStat: {
            Metric: { Namespace: 'ItemSync', MetricName: 'FullRuns' },
            Period: 3_600,
            Stat: 'Sum',
          },
        },
      ],
      EvaluationPeriods: 26,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
    });
    const weekly = templateFor({ fullRunMaxAgeHours: '168' });
    expect(alarm('no-full-run', weekly)).toMatchObject({ EvaluationPeriods: 168 });
  });

  it('does not exist with dryRunOnly, and neither does the one about stale items', () => {
    const dry = templateFor({ dryRunOnly: 'true' });
    expect(alarm('no-full-run', dry)).toBeUndefined();
    expect(alarm('stale-items', dry)).toBeUndefined();
  });
});

it('raises the alarm about stale items after the hours of the setting', () => {
  expect(alarm('stale-items')).toMatchObject({ MetricName: 'OldestItemAge', Threshold: 604_800 });
  expect(alarm('stale-items', templateFor({ staleItemHours: '48' }))).toMatchObject({ Threshold: 172_800 });
});

it('counts the batches that the state machine gave up on', () => {
  template.hasResourceProperties('AWS::Logs::MetricFilter', {
    FilterPattern: `{ ($.type = "PassStateEntered") && ($.details.name = "${STATES.batchFailed}") }`,
    MetricTransformations: [Match.objectLike({ MetricName: 'BatchesFailed-test' })],
  });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'BatchesFailed-test' });
});

it('counts how often the quota of GitHub is down to the reserve', () => {
  template.hasResourceProperties('AWS::Logs::MetricFilter', {
    FilterPattern: `"${RESERVE_REACHED}"`,
    MetricTransformations: [Match.objectLike({ MetricName: 'QuotaReserveReached-test' })],
  });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'QuotaReserveReached-test' });
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
