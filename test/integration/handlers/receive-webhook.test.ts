import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { handler } from '../../../functions/handlers/receive-webhook.ts';
import { ENV } from '../../../functions/shared/contract/environment.ts';
import { ORGANIZATION, WEBHOOK_SECRET } from '../../support/bank.ts';
import { push, requestOf, type SentDelivery } from '../../support/deliveries.ts';
import { listen } from '../../support/http.ts';
import { useSecretsManager } from '../../support/secrets-manager.ts';

const SendMessage = z.object({ QueueUrl: z.string(), MessageBody: z.string() });

const secrets = useSecretsManager();
let sent: z.infer<typeof SendMessage>[] = [];
let isAvailable = true;
let queueUrl = '';

/** SQS, as far as the receiver uses it. */
const queue = createServer(async (request, response) => {
  const message = SendMessage.parse(await json(request));
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  if (!isAvailable) {
    response.writeHead(503).end(JSON.stringify({ __type: 'ServiceUnavailable' }));
    return;
  }
  sent.push(message);
  const MD5OfMessageBody = createHash('md5').update(message.MessageBody).digest('hex');
  response.end(JSON.stringify({ MessageId: 'message-1', MD5OfMessageBody }));
});

beforeAll(async () => {
  const endpoint = await listen(queue);
  queueUrl = `${endpoint}/000000000000/item-sync-test-deliveries`;
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', endpoint);
  vi.stubEnv(ENV.githubOrganization, ORGANIZATION);
  vi.stubEnv(ENV.githubSecretId, 'item-sync-test/github');
  vi.stubEnv(ENV.deliveryQueueUrl, queueUrl);
  vi.stubEnv(ENV.ignoredRepositories, '');
  vi.stubEnv(ENV.stage, 'test');
  // The token is not stored yet.
  secrets.set('item-sync-test/github', {
    githubToken: 'PUT-THE-GITHUB-TOKEN-HERE',
    webhookSecret: WEBHOOK_SECRET,
    previousWebhookSecret: 'the-previous-secret',
  });
});

beforeEach(() => {
  sent = [];
  isAvailable = true;
});

afterAll(() => {
  queue.closeAllConnections();
  queue.close();
});

async function receive(delivery: SentDelivery = {}) {
  const context = { getRemainingTimeInMillis: () => 10_000, awsRequestId: 'request-1' };
  const request = requestOf(delivery) as unknown as APIGatewayProxyEventV2;
  return (await handler(request, context as unknown as Context)) as { statusCode: number; body: string };
}

it('sends a message to the queue, whether the delivery has the current secret or the previous one', async () => {
  expect(await receive()).toMatchObject({ statusCode: 202 });
  expect(await receive({ secret: 'the-previous-secret' })).toMatchObject({ statusCode: 202 });
  const message = { itemBankId: 7, event: 'push', deliveryId: 'delivery-1' };
  expect(sent.map(({ QueueUrl, MessageBody }) => [QueueUrl, JSON.parse(MessageBody)])).toEqual([
    [queueUrl, message],
    [queueUrl, message],
  ]);
});

it('answers 503 while the queue is not available, and sends the message when GitHub repeats the delivery', async () => {
  isAvailable = false;
  const answer = await receive();
  expect(answer.statusCode).toBe(503);
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'DELIVERY_NOT_QUEUED', requestId: 'request-1' });
  expect(sent).toEqual([]);
  isAvailable = true;
  expect(await receive({ body: push() })).toMatchObject({ statusCode: 202 });
  expect(sent).toHaveLength(1);
});

it('accepts every delivery with a new secret, although it had cached the one before', async () => {
  expect(await receive()).toMatchObject({ statusCode: 202 });
  secrets.set('item-sync-test/github', { webhookSecret: 'the-new-secret' });
  expect(await receive({ secret: 'the-new-secret' })).toMatchObject({ statusCode: 202 });
  expect(await receive({ secret: 'the-new-secret' })).toMatchObject({ statusCode: 202 });
});

it('answers 401 to a delivery with another secret', async () => {
  expect(await receive({ secret: 'another' })).toMatchObject({ statusCode: 401 });
});
