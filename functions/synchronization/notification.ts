import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { FinishedRun } from '../shared/contract/events.ts';

/** Sends the notification about a run that has ended. */
export type Notify = (run: FinishedRun) => Promise<void>;

interface NotifierOptions {
  client: SNSClient;
  topicArn: string;
  stage: string;
}

export function createNotifier({ client, topicArn, stage }: NotifierOptions): Notify {
  return async (run) => {
    const command = new PublishCommand({
      TopicArn: topicArn,
      Subject: subjectOf(stage, run),
      Message: JSON.stringify({ stage, ...run }, null, 2),
    });
    await client.send(command);
  };
}

// SNS accepts less than 100 characters of one line: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
// Mail clients show ASCII without decoding it.
const MAX_SUBJECT_LENGTH = 99;

/** `item-sync prod: run 15 COMPLETED_WITH_FAILURES, 12 of 1811 failed, 3 deferred` */
export function subjectOf(stage: string, run: FinishedRun): string {
  const { jobExecutionId, exitCode, exitMessage, dryRun, counts } = run;
  const line = `item-sync ${stage}: ${dryRun ? 'dry ' : ''}run ${jobExecutionId} ${exitCode}`;
  const detail = counts ? numbersIn(counts) : exitMessage;
  return `${line}, ${detail}`
    .replace(/[^ -~]+/g, ' ')
    .slice(0, MAX_SUBJECT_LENGTH)
    .trimEnd();
}

function numbersIn({ total, outcomes }: NonNullable<FinishedRun['counts']>): string {
  const { failed, deferred, created, updated, removed } = outcomes;
  const shortcomings = [
    ...(failed > 0 ? [`${failed} of ${total} failed`] : []),
    ...(deferred > 0 ? [`${deferred} deferred`] : []),
  ];
  if (shortcomings.length > 0) return shortcomings.join(', ');
  return `${total} ids: ${created} created, ${updated} updated, ${removed} removed`;
}
