import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import type { FinishedRun } from '../../../../functions/shared/contract/events.ts';
import { jobExecutionId } from '../../../../functions/shared/contract/ids.ts';
import { createNotifier, subjectOf } from '../../../../functions/synchronization/notification.ts';

const OUTCOMES = {
  created: 3,
  updated: 12,
  derived: 0,
  unchanged: 1_795,
  removed: 1,
  deferred: 0,
  failed: 0,
};

function runWith(changes: Partial<FinishedRun> = {}, outcomes: Partial<typeof OUTCOMES> = {}): FinishedRun {
  return {
    jobExecutionId: jobExecutionId(15),
    status: 'COMPLETED',
    exitCode: 'COMPLETED',
    exitMessage: 'Total item bank ids: 1811',
    trigger: 'schedule',
    dryRun: false,
    counts: {
      total: 1_811,
      outcomes: { ...OUTCOMES, ...outcomes },
      webhooks: {
        present: 1_811,
        missing: 0,
        differs: 0,
        created: 0,
        repaired: 0,
        archived: 0,
        forbidden: 0,
        unchecked: 0,
      },
      requiringProjectWebhook: 0,
      changedWithoutDelivery: 0,
      itemsWithFieldIssues: 0,
    },
    ...changes,
  };
}

/** A run without counts. */
function failedWith(exitMessage: string): FinishedRun {
  const { counts: _, ...run } = runWith({ status: 'FAILED', exitCode: 'FAILED', exitMessage });
  return run;
}

describe('the subject of a notification', () => {
  it.each([
    [runWith(), 'item-sync prod: run 15 COMPLETED, 1811 ids: 3 created, 12 updated, 1 removed'],
    [
      runWith({ exitCode: 'COMPLETED_WITH_FAILURES' }, { failed: 12, deferred: 3 }),
      'item-sync prod: run 15 COMPLETED_WITH_FAILURES, 12 of 1811 failed, 3 deferred',
    ],
    [runWith({ dryRun: true }, { failed: 1 }), 'item-sync prod: dry run 15 COMPLETED, 1 of 1811 failed'],
    [
      failedWith('GitHubUnavailable: no answer'),
      'item-sync prod: run 15 FAILED, GitHubUnavailable: no answer',
    ],
  ])('says how the run ended', (run, subject) => {
    expect(subjectOf('prod', run)).toBe(subject);
  });

  it.each([['x'.repeat(2_500)], ['E: línea\nzwei\tund\u0000 電子']])(
    'is one line of less than 100 ASCII characters, as SNS requires: %j',
    (message) => {
      expect(subjectOf('a-stage-of-16-ch', failedWith(message))).toMatch(/^[!-~][ -~]{0,97}[!-~]$/);
    },
  );
});

it('sends the fields of the run as JSON, so that programs need not parse prose', async () => {
  const sent: PublishCommand[] = [];
  const client = new SNSClient({ region: 'us-east-1' });
  client.send = async (command: unknown) => {
    if (command instanceof PublishCommand) sent.push(command);
    return {};
  };
  await createNotifier({ client, topicArn: 'arn:aws:sns:us-east-1:1:runs', stage: 'prod' })(runWith());
  const { TopicArn, Message = '' } = sent[0]?.input ?? {};
  expect(TopicArn).toBe('arn:aws:sns:us-east-1:1:runs');
  expect(JSON.parse(Message)).toEqual({ stage: 'prod', ...runWith() });
});
