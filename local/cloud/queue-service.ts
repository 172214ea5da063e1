import { z } from 'zod';
import { AwsError, type AwsService, pageOf, parseInput } from './aws-service.ts';
import type { Queues } from './queues.ts';

const QueueUrl = z.string();
const onQueue = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject({ QueueUrl, ...shape });

const message = {
  MessageBody: z.string(),
  DelaySeconds: z.number().int().min(0).max(900).optional(),
  MessageAttributes: z
    .record(
      z.string(),
      z.strictObject({
        DataType: z.string(),
        StringValue: z.string().optional(),
        BinaryValue: z.string().optional(),
      }),
    )
    .optional(),
};
const ReceiptHandle = z.string();
const VisibilityTimeout = z.number().int();
const names = z.array(z.string()).default([]);
const Id = z.string();
const batchOf = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  onQueue({ Entries: z.array(z.strictObject({ Id, ...shape })) });

/** The operations of the engine that are served. The template alone creates, changes and deletes queues. */
const FORWARDED = {
  SendMessage: onQueue(message),
  SendMessageBatch: batchOf(message),
  ReceiveMessage: onQueue({
    MaxNumberOfMessages: z.number().int().optional(),
    WaitTimeSeconds: z.number().int().optional(),
    VisibilityTimeout: VisibilityTimeout.optional(),
    AttributeNames: names,
    MessageSystemAttributeNames: names,
    MessageAttributeNames: names,
  }),
  DeleteMessage: onQueue({ ReceiptHandle }),
  DeleteMessageBatch: batchOf({ ReceiptHandle }),
  ChangeMessageVisibility: onQueue({ ReceiptHandle, VisibilityTimeout }),
  ChangeMessageVisibilityBatch: batchOf({ ReceiptHandle, VisibilityTimeout }),
  GetQueueAttributes: onQueue({ AttributeNames: names }),
  PurgeQueue: onQueue({}),
} as const;

const getQueueUrl = z.strictObject({ QueueName: z.string(), QueueOwnerAWSAccountId: z.string().optional() });
const listQueues = z.strictObject({
  QueueNamePrefix: z.string().default(''),
  MaxResults: z.number().int().min(1).max(1_000).optional(),
  NextToken: z.string().optional(),
});

const INVALID = 'InvalidParameterValue';

/** The JSON protocol of SQS. `urlOf` is the URL of a queue by its name. */
export function queueService(queues: Queues, urlOf: (name: string) => string): AwsService {
  const forwarded = Object.entries(FORWARDED).map(([operation, schema]) => [
    operation,
    (input: unknown) => queues.call(operation, parseInput<z.ZodType<object>>(schema, input, INVALID)),
  ]);
  return {
    target: 'AmazonSQS',
    protocol: 'application/x-amz-json-1.0',
    errorHeaders: ({ type }) => ({ 'x-amzn-query-error': `${QUERY_CODES[type] ?? type};Sender` }),
    operations: {
      ...Object.fromEntries(forwarded),
      GetQueueUrl: (input) => {
        const { QueueName } = parseInput(getQueueUrl, input, INVALID);
        if (queues.all.some(({ name }) => name === QueueName)) return { QueueUrl: urlOf(QueueName) };
        throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
      },
      ListQueues: (input) => {
        const { QueueNamePrefix, MaxResults, NextToken } = parseInput(listQueues, input, INVALID);
        const { items, nextToken } = pageOf({
          items: queues.all.filter(({ name }) => name.startsWith(QueueNamePrefix)),
          keyOf: ({ name }) => name,
          limit: MaxResults ?? 1_000,
          nextToken: NextToken,
          query: ['ListQueues', QueueNamePrefix],
          badToken: INVALID,
        });
        return { QueueUrls: items.map(({ name }) => urlOf(name)), NextToken: nextToken };
      },
    },
  };
}

/** Older clients tell errors apart by these codes of the protocol that preceded JSON, if they differ from the type. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
};
