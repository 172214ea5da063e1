import { z } from 'zod';
import { printable } from '../../cli/terminal/terminal.ts';
import { failuresOf, reportedFailures } from './batch-response.ts';
import type { Lambda } from './lambda.ts';
import { engineUrlOf, type Queues } from './queues.ts';
import type { Stack, StackResource } from './stack.ts';
import { REGION } from './template.ts';

type Mapping = StackResource<'AWS::Lambda::EventSourceMapping'>;

export interface EventSourceMappings {
  /** Stops reading. Messages that are being handled go back to their queues, as far as those still exist. */
  close(): void;
}

export interface EventSourceMappingOptions {
  stack: Pick<Stack, 'all'>;
  queues: Queues;
  lambda: Pick<Lambda, 'invoke'>;
  warn: (message: string) => void;
}

/** Starts to read the queues, once one of them is used for the first time. */
export function startEventSourceMappings(options: EventSourceMappingOptions): EventSourceMappings {
  const { stack, queues, warn } = options;
  const closing = new AbortController();
  const enabled = stack.all('AWS::Lambda::EventSourceMapping').filter(({ properties }) => properties.Enabled);
  void queues.used.then(() => {
    for (const mapping of enabled) {
      poll(mapping, { ...options, signal: closing.signal }).catch((error) => {
        if (!closing.signal.aborted) warn(`${mapping.logicalId} no longer reads its queue: ${error}`);
      });
    }
  });
  return { close: () => closing.abort() };
}

/** Lambda starts with as many batches at a time if the mapping sets no limit. */
const DEFAULT_CONCURRENCY = 5;

interface PollOptions extends EventSourceMappingOptions {
  signal: AbortSignal;
}

/** Reads batches until the cloud closes. While as many as allowed are in progress, messages stay in the queue. */
async function poll(mapping: Mapping, options: PollOptions): Promise<void> {
  const { ScalingConfig } = mapping.properties;
  const maxConcurrency = ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY;
  const inProgress = new Set<Promise<void>>();
  while (!options.signal.aborted) {
    const batch = await gather(mapping, options);
    if (batch.length === 0) continue;
    const handled = handle(batch, mapping, options)
      .catch((error) => options.warn(`${mapping.logicalId}: ${printable(String(error))}`))
      .finally(() => inProgress.delete(handled));
    inProgress.add(handled);
    if (inProgress.size >= maxConcurrency) await Promise.race(inProgress);
  }
}

const receivedMessage = z.object({
  MessageId: z.string(),
  ReceiptHandle: z.string(),
  Body: z.string(),
  MD5OfBody: z.string(),
  Attributes: z.record(z.string(), z.string()),
  MessageAttributes: z
    .record(
      z.string(),
      z.object({
        DataType: z.string(),
        StringValue: z.string().optional(),
        BinaryValue: z.string().optional(),
      }),
    )
    .default({}),
});
type ReceivedMessage = z.output<typeof receivedMessage>;
const received = z.object({ Messages: z.array(receivedMessage).default([]) });

/** SQS's own limits per request. */
const MAX_MESSAGES = 10;
const MAX_WAIT_SECONDS = 20;

/** Waits for a message, and then for more until the batch is full or its window is over. */
async function gather(mapping: Mapping, { queues, signal }: PollOptions): Promise<ReceivedMessage[]> {
  const { BatchSize, MaximumBatchingWindowInSeconds: windowSeconds } = mapping.properties;
  const batch: ReceivedMessage[] = [];
  const receive = async (waitSeconds: number) => {
    const answer = await queues.call('ReceiveMessage', {
      QueueUrl: urlOfSource(mapping),
      MaxNumberOfMessages: Math.min(MAX_MESSAGES, BatchSize - batch.length),
      WaitTimeSeconds: Math.min(MAX_WAIT_SECONDS, waitSeconds),
      AttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    batch.push(...received.parse(answer).Messages);
  };
  await receive(MAX_WAIT_SECONDS);
  const until = Date.now() + windowSeconds * 1000;
  const left = () => (until - Date.now()) / 1000;
  while (batch.length > 0 && batch.length < BatchSize && left() > 0 && !signal.aborted) await receive(left());
  return batch;
}

/** Invokes the function, and deletes what it has handled. The rest becomes visible after the visibility timeout. */
async function handle(batch: ReceivedMessage[], mapping: Mapping, options: PollOptions): Promise<void> {
  const { queues, lambda, signal } = options;
  const { FunctionName, FunctionResponseTypes, EventSourceArn } = mapping.properties;
  const result = await lambda.invoke(FunctionName, {
    Records: batch.map((message) => recordOf(message, EventSourceArn)),
  });
  const ids = batch.map(({ MessageId }) => MessageId);
  const failed = FunctionResponseTypes.length > 0 ? reportedFailures(result, ids) : failuresOf(result, ids);
  const handled = batch.filter(({ MessageId }) => !failed.has(MessageId));
  for (let start = 0; start < handled.length && !signal.aborted; start += MAX_MESSAGES) {
    await queues.call('DeleteMessageBatch', {
      QueueUrl: urlOfSource(mapping),
      Entries: handled
        .slice(start, start + MAX_MESSAGES)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
    });
  }
}

const urlOfSource = ({ properties }: Mapping) => engineUrlOf(properties.EventSourceArn);

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const recordOf = (message: ReceivedMessage, eventSourceARN: string) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes,
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        stringValue: StringValue,
        binaryValue: BinaryValue,
        stringListValues: [],
        binaryListValues: [],
        dataType: DataType,
      },
    ]),
  ),
  md5OfBody: message.MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN,
  awsRegion: REGION,
});
