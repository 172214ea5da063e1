import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type DeliveryMessage, parseMessage } from '../deliveries/delivery-message.ts';
import type { Fate } from '../deliveries/fate.ts';
import { type DeliveryQueue, delayMessages, delayOf } from '../deliveries/queue.ts';
import { type DeliveryDependencies, synchronizeWanted } from '../deliveries/synchronize-wanted.ts';
import { createSqs } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import { OUTCOMES } from '../shared/contract/job-execution.ts';
import { errorAttribute, type Log } from '../shared/logger.ts';
import { type EmitMetrics, metricsOf } from '../shared/metrics.ts';
import { entryPoint } from '../shared/middleware.ts';
import { ITEM_STEP_SETTINGS, itemStepDependencies } from '../synchronization/run-items.ts';

export interface SynchronizeDeliveriesDependencies extends DeliveryDependencies {
  queue: DeliveryQueue;
  emitMetrics: EmitMetrics;
}

// A failure of one item is tried again within minutes, and then left to the next full run. The dead-letter queue is for
// messages that nothing else would handle.
const MAX_ATTEMPTS_AT_FAILED_ITEM = 5;

/**
 * Synchronizes the items that deliveries are about. Several deliveries about one item are handled together, and their order
 * does not matter: the mirror becomes what the bank says now. Messages that cannot be handled return to the queue, each
 * alone, and later each time.
 */
export async function synchronizeDeliveries(
  dependencies: SynchronizeDeliveriesDependencies,
  { Records }: Pick<SQSEvent, 'Records'>,
): Promise<SQSBatchResponse> {
  const { log, emitMetrics } = dependencies;
  const received = Records.map((record) => ({ record, message: readMessage(log, record) }));
  const messages = received.flatMap(({ message }) => message ?? []);
  const byItem = Map.groupBy(messages, ({ itemBankId }) => itemBankId);
  const items = [...byItem].map(([itemBankId, about]) => ({ itemBankId, messages: about }));
  const fates = await synchronizeWanted(dependencies, items);
  const returned: Returned[] = [];
  let failed = 0;
  for (const { record, message } of received) {
    const fate = message && fates.get(message.itemBankId);
    if (!fate || !isOver(fate, receiveCountOf(record))) {
      returned.push({ record, fate });
      continue;
    }
    if (fate.kind === 'failed') logGivenUp(log, message.itemBankId, fate);
    if (fate.kind === 'failed' || fate.outcome === 'failed') failed += 1;
  }
  logSummary(log, { deliveries: received.length, fates });
  await returnMessages(dependencies, returned);
  emitMetrics({
    DeliveriesSynchronized: received.length - returned.length - failed,
    DeliveriesReturned: returned.length,
    DeliveriesFailed: failed,
  });
  return { batchItemFailures: returned.map(({ record }) => ({ itemIdentifier: record.messageId })) };
}

/** Logs a message that cannot be read. Like any other that cannot be handled, it ends in the dead-letter queue. */
function readMessage(log: Log, { body, messageId }: SQSRecord): DeliveryMessage | undefined {
  try {
    return parseMessage(body);
  } catch (error) {
    log.error(`message ${messageId} of the delivery queue cannot be read`, errorAttribute(error));
    return undefined;
  }
}

const receiveCountOf = ({ attributes }: SQSRecord): number => Number(attributes.ApproximateReceiveCount) || 1;

type Over = Exclude<Fate, { kind: 'later' }>;

const isOver = (fate: Fate, receiveCount: number): fate is Over =>
  fate.kind === 'done' || (fate.kind === 'failed' && receiveCount >= MAX_ATTEMPTS_AT_FAILED_ITEM);

function logGivenUp(log: Log, itemBankId: ItemBankId, { message }: Extract<Fate, { kind: 'failed' }>): void {
  const line = `gave up on item bank id ${itemBankId} after ${MAX_ATTEMPTS_AT_FAILED_ITEM} attempts`;
  log.warn(`${line}; the next full run compares it: ${message}`);
}

interface Returned {
  record: SQSRecord;
  /** Undefined if the message cannot be read. */
  fate: Fate | undefined;
}

async function returnMessages(
  dependencies: SynchronizeDeliveriesDependencies,
  returned: readonly Returned[],
): Promise<void> {
  if (returned.length === 0) return;
  const { log, queue } = dependencies;
  const messages = returned.map(({ record, fate }) => ({
    receiptHandle: record.receiptHandle,
    delaySeconds: delayOf(
      receiveCountOf(record),
      fate?.kind === 'later' ? fate.deferral : undefined,
      dependencies,
    ),
  }));
  const [{ fate } = { fate: undefined }] = returned;
  const why = fate && fate.kind !== 'done' ? fate.message : 'it cannot be read';
  const delays = messages.map(({ delaySeconds }) => delaySeconds);
  log.warn(
    `${returned.length} deliveries return to the queue for ${Math.min(...delays)} to ${Math.max(...delays)} seconds: ${why}`,
  );
  // Without a delay of its own, a message returns after the visibility timeout of the queue.
  await delayMessages(queue, messages).catch((error: unknown) =>
    log.warn('could not shorten the time until deliveries return', errorAttribute(error)),
  );
}

function logSummary(
  log: Log,
  { deliveries, fates }: { deliveries: number; fates: ReadonlyMap<ItemBankId, Fate> },
): void {
  const done = [...fates.values()].flatMap((fate) => (fate.kind === 'done' ? [fate.outcome] : []));
  const counts = OUTCOMES.flatMap((outcome) => {
    const count = done.filter((each) => each === outcome).length;
    return count > 0 ? [`${outcome}: ${count}`] : [];
  });
  const line = `handled ${done.length} of ${fates.size} item bank ids of ${deliveries} deliveries`;
  log.info([line, ...counts].join(', '));
}

export const handler = entryPoint((env: Environment) => {
  const config = readConfig(env, [
    ...ITEM_STEP_SETTINGS,
    'deliveryQueueUrl',
    'ignoredRepositories',
    'removalEnabled',
    'removalLimitPercent',
    'dryRunOnly',
    'stage',
  ]);
  return {
    ...itemStepDependencies(config),
    emitMetrics: metricsOf(config.stage),
    queue: { client: createSqs(), url: config.deliveryQueueUrl },
    ignored: config.ignoredRepositories,
    removalEnabled: config.removalEnabled,
    limitPercent: config.removalLimitPercent,
    dryRunOnly: config.dryRunOnly,
  };
}, synchronizeDeliveries);
