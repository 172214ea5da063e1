import { z } from 'zod';
import { arnOf, LABEL, runs } from './running-resource.ts';

const IN_MEMORY = 'messages are in the memory of this process only';

/** Limits: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const within = (from: number, to: number) => z.number().int().min(from).max(to);

/** Queues, and what reads them. */
export const QUEUE_TYPES = {
  'AWS::SQS::Queue': runs({
    properties: z.strictObject({
      QueueName: z
        .string()
        .regex(/^[\w-]{1,80}$/)
        .optional(),
      VisibilityTimeout: within(0, 43_200).default(30),
      DelaySeconds: within(0, 900).default(0),
      MaximumMessageSize: within(1_024, 1_048_576).default(1_048_576),
      // Reported by GetQueueAttributes. No message expires: all are lost when this process ends.
      MessageRetentionPeriod: within(60, 1_209_600).default(345_600),
      ReceiveMessageWaitTimeSeconds: within(0, 20).default(0),
      RedrivePolicy: z
        .strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: within(1, 1_000) })
        .optional(),
    }),
    inert: {
      SqsManagedSseEnabled: IN_MEMORY,
      KmsMasterKeyId: IN_MEMORY,
      KmsDataKeyReusePeriodSeconds: IN_MEMORY,
      Tags: LABEL,
    },
    nameProperty: 'QueueName',
    ref: 'queueUrl',
    arn: arnOf('sqs', ''),
  }),
  'AWS::Lambda::EventSourceMapping': runs({
    properties: z.strictObject({
      EventSourceArn: z.string().startsWith('arn:aws:sqs:'),
      FunctionName: z.string(),
      Enabled: z.boolean().default(true),
      BatchSize: within(1, 10_000).default(10),
      MaximumBatchingWindowInSeconds: within(0, 300).default(0),
      FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).max(1).default([]),
      ScalingConfig: z.strictObject({ MaximumConcurrency: within(2, 1_000) }).optional(),
    }),
    inert: { MetricsConfig: 'there are no metrics here', KmsKeyArn: IN_MEMORY, Tags: LABEL },
    ref: 'logicalId',
    arn: arnOf('lambda', 'event-source-mapping:'),
  }),
};
