import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { AwsError, parseInput } from './aws-service.ts';
import type { QueryService } from './query-protocol.ts';
import type { Stack } from './stack.ts';

export interface TopicsOptions {
  stack: Pick<Stack, 'all'>;
  /** Records what is published as JSON lines in `topics/<name>.jsonl`. */
  stateFolder: string;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_MESSAGE_BYTES = 262_144;
const MAX_SUBJECT_LENGTH = 99;

const publish = z.strictObject({
  TopicArn: z.string(),
  Subject: z
    .string()
    .max(MAX_SUBJECT_LENGTH)
    .regex(/^[!-~][ -~]*$/, 'must be one line of ASCII')
    .optional(),
  Message: z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text) <= MAX_MESSAGE_BYTES, 'must have at most 256 KiB'),
});

/** The topics of the template. They have no subscribers. What is published to a topic is in its file. */
export function openTopics({ stack, stateFolder }: TopicsOptions): QueryService {
  const topics = stack.all('AWS::SNS::Topic');
  const folder = path.join(stateFolder, 'topics');
  mkdirSync(folder, { recursive: true });
  return {
    name: 'sns',
    namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    operations: {
      Publish: (input) => {
        const { TopicArn, ...notification } = parseInput(publish, input, 'InvalidParameter');
        const topic = topics.find(({ arn }) => arn === TopicArn);
        if (topic === undefined) throw new AwsError('NotFound', 'Topic does not exist', 404);
        const MessageId = randomUUID();
        const line = { MessageId, Timestamp: new Date().toISOString(), TopicArn, ...notification };
        appendFileSync(path.join(folder, `${topic.name}.jsonl`), `${JSON.stringify(line)}\n`);
        return { MessageId };
      },
    },
  };
}
