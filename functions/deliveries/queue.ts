import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { chunksOf } from '../shared/chunks.ts';
import type { Clock } from '../shared/clock.ts';
import type { Deferral } from '../shared/deferral.ts';
import { SyncError } from '../shared/errors.ts';
import type { DeliveryMessage } from './delivery-message.ts';

export interface DeliveryQueue {
  client: SQSClient;
  url: string;
}

/** @throws SyncError `DeliveryNotQueued`. */
export async function sendDelivery({ client, url }: DeliveryQueue, message: DeliveryMessage): Promise<void> {
  try {
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(message) }));
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const fault = `delivery ${message.deliveryId} was not queued: ${text}`;
    throw new SyncError('DeliveryNotQueued', fault, { cause });
  }
}

const COUNTED = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** Whether a queue has messages, whatever their state. True if SQS does not say. The counts lag about a minute behind. */
export async function mayHaveMessages({ client, url }: DeliveryQueue): Promise<boolean> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...COUNTED] }),
  );
  return COUNTED.some((name) => Attributes[name] !== '0');
}

/** A received message that is to come back later. */
export interface ReturnedMessage {
  receiptHandle: string;
  /** When it becomes visible again, counted from now. */
  delaySeconds: number;
}

// Limit of ChangeMessageVisibilityBatch.
const MAX_ENTRIES = 10;

/** Makes messages visible again after their delays, instead of after the queue's visibility timeout. */
export async function delayMessages(
  { client, url }: DeliveryQueue,
  messages: readonly ReturnedMessage[],
): Promise<void> {
  for (const chunk of chunksOf(messages, { count: MAX_ENTRIES })) {
    await client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: url,
        Entries: chunk.map(({ receiptHandle, delaySeconds }, index) => ({
          Id: String(index),
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: delaySeconds,
        })),
      }),
    );
  }
}

// After its tenth receipt a message moves to the dead-letter queue. These delays add up to about four hours.
const FIRST_DELAY_SECONDS = 30;
// The next invocation may have the time that the last one lacked. If it has not, more haste would use up the receipts.
const OUT_OF_TIME = { firstDelaySeconds: 2, receipts: 2 };
const MAX_DELAY_SECONDS = 3_600;

/**
 * How long a message waits that could not be handled: twice as long after each receipt, and at least until GitHub
 * allows requests again. Jitter keeps messages that came back together from coming back together again.
 * @param receiveCount how often the message was received, at least 1.
 */
export function delayOf(
  receiveCount: number,
  deferral: Pick<Deferral, 'kind' | 'resumeAt'> | undefined,
  { now, random = () => 0 }: Clock,
): number {
  const isShort = deferral?.kind === 'out-of-time' && receiveCount <= OUT_OF_TIME.receipts;
  const first = isShort ? OUT_OF_TIME.firstDelaySeconds : FIRST_DELAY_SECONDS;
  const growing = first * 2 ** (receiveCount - 1) * (1 + random() / 2);
  const wait = deferral ? (deferral.resumeAt.getTime() - now().getTime()) / 1_000 : 0;
  return Math.min(MAX_DELAY_SECONDS, Math.ceil(Math.max(growing, wait * (1 + random() / 10))));
}
