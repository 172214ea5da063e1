import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { readDelivery } from '../deliveries/delivery.ts';
import type { DeliveryMessage } from '../deliveries/delivery-message.ts';
import { type BankScope, dispositionOf } from '../deliveries/disposition.ts';
import { sendDelivery } from '../deliveries/queue.ts';
import { signatureVerifier, type VerifySignature } from '../deliveries/signature.ts';
import { readWebhookSecrets } from '../github/github-secret.ts';
import { createSqs } from '../shared/clients.ts';
import { type Environment, readConfig } from '../shared/config.ts';
import type { WebhookAnswer } from '../shared/contract/routes.ts';
import { SyncError } from '../shared/errors.ts';
import { jsonAnswer, problemOf, problemResponses } from '../shared/http.ts';
import { type EmitMetrics, metricsOf } from '../shared/metrics.ts';
import { entryPoint, type Invocation } from '../shared/middleware.ts';
import { createRejectionLog } from '../shared/rejection-log.ts';

export interface ReceiveDependencies extends BankScope {
  verify: VerifySignature;
  /** Puts a message on the delivery queue. */
  queue: (message: DeliveryMessage) => Promise<void>;
  /** Anyone can cause rejections, so not every one is logged. */
  logRejection: ReturnType<typeof createRejectionLog>;
  emitMetrics: EmitMetrics;
}

type DeliveryRequest = Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded' | 'headers'> & {
  requestContext: Pick<APIGatewayProxyEventV2['requestContext'], 'requestId'>;
};

// Lambda accepts events of 6 MB. GitHub's own limit is 25 MB, but a push of a few files has some 10 KB.
const MAX_BODY_BYTES = 5_000_000;

/**
 * `POST /webhook`: verifies the signature of a delivery, and queues which item it is about. GitHub waits 10 s for the
 * answer and does not repeat a delivery, so that nothing else is done here. The body is never logged.
 * @throws SyncError `RequestInvalid`, `DeliveryNotQueued`, `GitHubSecretInvalid`.
 */
export async function receiveWebhook(
  dependencies: ReceiveDependencies & Pick<Invocation, 'log'>,
  request: DeliveryRequest,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { verify, queue, logRejection, log, organization, ignored, emitMetrics } = dependencies;
  const reject = (error: SyncError): APIGatewayProxyStructuredResultV2 => {
    logRejection(log, { message: `rejected a delivery: ${error.message}`, why: error.name });
    return problemOf(error, request.requestContext.requestId);
  };
  const bytes = Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) {
    return reject(new SyncError('RequestTooLarge', `the body has more than ${MAX_BODY_BYTES} bytes`));
  }
  if (bytes.length === 0) return reject(new SyncError('RequestInvalid', 'the request has no body'));
  const signature = request.headers['x-hub-signature-256'];
  if (!signature) {
    return reject(new SyncError('SignatureInvalid', 'the header x-hub-signature-256 is missing'));
  }
  const body = bytes.toString('utf8');
  if (!(await verify(body, signature))) {
    return reject(new SyncError('SignatureInvalid', 'the signature is not valid'));
  }
  const delivery = readDelivery(request.headers, body);
  const disposition = dispositionOf(delivery, { organization, ignored });
  const { deliveryId, event } = delivery;
  if (disposition.kind === 'drop') {
    const { reason } = disposition;
    log.info(`delivery ${deliveryId} (${event}) acknowledged and dropped: ${reason}`, { dropped: reason });
    emitMetrics({ DeliveriesDropped: 1 }, { dimensions: { Reason: reason } });
    return accepted({ deliveryId, queued: false, reason });
  }
  const { message } = disposition;
  await queue(message);
  log.debug(`delivery ${deliveryId} (${event}) queued: item bank id ${message.itemBankId}`);
  return accepted({ deliveryId, queued: true, itemBankId: message.itemBankId });
}

const accepted = (answer: WebhookAnswer): APIGatewayProxyStructuredResultV2 => jsonAnswer(202, answer);

export const handler = entryPoint((env: Environment): ReceiveDependencies => {
  const config = readConfig(env, [
    'githubOrganization',
    'githubSecretId',
    'deliveryQueueUrl',
    'ignoredRepositories',
    'stage',
  ]);
  const deliveryQueue = { client: createSqs(), url: config.deliveryQueueUrl };
  return {
    organization: config.githubOrganization,
    ignored: config.ignoredRepositories,
    verify: signatureVerifier({
      readSecrets: (source) => readWebhookSecrets(config.githubSecretId, source),
      now: () => new Date(),
    }),
    queue: (message) => sendDelivery(deliveryQueue, message),
    logRejection: createRejectionLog(),
    emitMetrics: metricsOf(config.stage),
  };
}, receiveWebhook).use(problemResponses);
