import type { ChangeMessageVisibilityBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { DeliveryMessage } from '../../../functions/deliveries/delivery-message.ts';
import {
  type SynchronizeDeliveriesDependencies,
  synchronizeDeliveries,
} from '../../../functions/handlers/synchronize-deliveries.ts';
import type { ItemBankId } from '../../../functions/shared/contract/ids.ts';
import { type EmittedMetrics, recordMetrics } from '../../support/metrics.ts';

/** A message as the queue hands it over. */
interface QueuedDelivery extends Partial<Omit<DeliveryMessage, 'itemBankId'>> {
  itemBankId?: ItemBankId;
  /** The text of a message, in place of a delivery. */
  body?: string;
  /** How often it was received, 1 by default. */
  receiveCount?: number;
}

/** The function behind the queue. */
export interface Worker {
  /** @returns the places of the messages that return to the queue. */
  handle: (...deliveries: QueuedDelivery[]) => Promise<number[]>;
  /** How long messages were sent back for, in seconds, by their receipt handle. */
  delays: Map<string, number>;
  /** One element for each batch. */
  metrics: EmittedMetrics[];
}

const FIVE_MINUTES_MS = 300_000;

/** A worker that uses the tables, the bank and the log of a run. */
export function openWorker(
  {
    dependencies,
  }: { dependencies: Omit<SynchronizeDeliveriesDependencies, 'queue' | 'dryRunOnly' | 'emitMetrics'> },
  overrides: Partial<SynchronizeDeliveriesDependencies> = {},
): Worker {
  const delays: Worker['delays'] = new Map();
  const { metrics, emitMetrics } = recordMetrics();
  const send = async ({ input }: { input: ChangeMessageVisibilityBatchCommandInput }) => {
    for (const { ReceiptHandle = '', VisibilityTimeout = 0 } of input.Entries ?? [])
      delays.set(ReceiptHandle, VisibilityTimeout);
    return {};
  };
  const worker: SynchronizeDeliveriesDependencies = {
    ...dependencies,
    remainingTimeMs: () => FIVE_MINUTES_MS,
    dryRunOnly: false,
    emitMetrics,
    queue: { client: { send } as unknown as SQSClient, url: 'http://127.0.0.1/deliveries' },
    ...overrides,
  };
  const handle = async (...deliveries: QueuedDelivery[]): Promise<number[]> => {
    const Records = deliveries.map(recordOf);
    const { batchItemFailures } = await synchronizeDeliveries(worker, { Records });
    return batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier));
  };
  return { handle, delays, metrics };
}

function recordOf(
  { event = 'push', deliveryId = 'delivery', body, receiveCount = 1, ...rest }: QueuedDelivery,
  index: number,
): SQSRecord {
  const message = { event, deliveryId, ...rest };
  return {
    messageId: String(index),
    receiptHandle: `receipt-${index}`,
    body: body ?? JSON.stringify(message),
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: '0',
      SenderId: 'receiver',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:item-sync-test-deliveries',
    awsRegion: 'us-east-1',
  };
}
