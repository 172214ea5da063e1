import { createHmac } from 'node:crypto';
import type { DeliveryMessage } from '../../functions/deliveries/delivery-message.ts';
import { signatureVerifier } from '../../functions/deliveries/signature.ts';
import type { WebhookSecrets } from '../../functions/github/github-secret.ts';
import { type ReceiveDependencies, receiveWebhook } from '../../functions/handlers/receive-webhook.ts';
import { problemOf } from '../../functions/shared/http.ts';
import { createRejectionLog } from '../../functions/shared/rejection-log.ts';
import { ORGANIZATION, WEBHOOK_SECRET } from './bank.ts';
import { type Clock, createClock } from './clock.ts';
import { createLog, type RecordedLog } from './log.ts';
import { type EmittedMetrics, recordMetrics } from './metrics.ts';

/** GitHub's signature of a body. */
export const signatureOf = (body: string | Buffer, secret = WEBHOOK_SECRET): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** A push to the default branch, with the fields that GitHub's own example has and this service reads. */
export const push = (id = 7, fields: object = {}) => ({
  ref: 'refs/heads/main',
  repository: {
    id,
    name: `item-${id}`,
    full_name: `${ORGANIZATION}/item-${id}`,
    default_branch: 'main',
    owner: { name: ORGANIZATION, login: ORGANIZATION },
  },
  ...fields,
});

export interface SentDelivery {
  /** A payload, or the text of a body. */
  body?: object | string;
  event?: string;
  deliveryId?: string;
  /** Undefined leaves a header out. */
  headers?: Record<string, string | undefined>;
  secret?: string;
  /** As API Gateway passes a body on whose content type is not text. */
  base64?: boolean;
}

export interface Receiver {
  messages: DeliveryMessage[];
  log: RecordedLog;
  metrics: EmittedMetrics[];
  clock: Clock;
  /** What Secrets Manager has, what the receiver has cached of it, and how often the receiver did without the cache. */
  secrets: { stored: WebhookSecrets; cached?: WebhookSecrets; requests: number };
  receive: (
    delivery?: SentDelivery,
  ) => Promise<{ status: number | undefined; body: Record<string, unknown> }>;
}

/** A receiver that keeps its messages, and calls it as API Gateway does. */
export function openReceiver(overrides: Partial<ReceiveDependencies> = {}): Receiver {
  const [log, clock] = [createLog(), createClock()];
  const messages: DeliveryMessage[] = [];
  const { metrics, emitMetrics } = recordMetrics();
  const secrets: Receiver['secrets'] = { stored: [WEBHOOK_SECRET], requests: 0 };
  const dependencies = {
    organization: ORGANIZATION,
    ignored: new Set<string>(),
    log,
    emitMetrics,
    logRejection: createRejectionLog(() => clock.now().getTime()),
    queue: async (message: DeliveryMessage) => void messages.push(message),
    verify: signatureVerifier({
      readSecrets: async (source) => {
        if (source === 'cache') return secrets.cached ?? secrets.stored;
        secrets.requests += 1;
        return secrets.stored;
      },
      now: clock.now,
    }),
    ...overrides,
  };
  const receive: Receiver['receive'] = async (delivery = {}) => {
    const result = await receiveWebhook(dependencies, requestOf(delivery)).catch((error: unknown) =>
      problemOf(error, 'request-1'),
    );
    return { status: result.statusCode, body: JSON.parse(result.body ?? '') };
  };
  return { messages, log, metrics, clock, secrets, receive };
}

export function requestOf(delivery: SentDelivery) {
  const { event = 'push', deliveryId = 'delivery-1', secret, base64 = false } = delivery;
  const { body = push() } = delivery;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': deliveryId,
    'x-hub-signature-256': signatureOf(text, secret),
    ...delivery.headers,
  };
  return {
    body: base64 ? Buffer.from(text).toString('base64') : text,
    isBase64Encoded: base64,
    headers: headers as Record<string, string>,
    requestContext: { requestId: 'request-1' },
  };
}
