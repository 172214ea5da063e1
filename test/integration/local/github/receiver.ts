import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

interface Received {
  path: unknown;
  event: unknown;
  guid: unknown;
  signature: unknown;
  userAgent: unknown;
  /** The type and id of the webhook's owner. */
  target: unknown[];
  body: string;
}

interface Receiver {
  url: string;
  received: Received[];
}

/** A server on the loopback interface that answers everything with the status, until the test ends. */
export async function startReceiver(status = 202): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const { headers } = request;
    received.push({
      path: request.url,
      event: headers['x-github-event'],
      guid: headers['x-github-delivery'],
      signature: headers['x-hub-signature-256'],
      userAgent: headers['user-agent'],
      target: ['type', 'id'].map((name) => headers[`x-github-hook-installation-target-${name}`]),
      body: await text(request),
    });
    response.writeHead(status).end('seen');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/webhook`, received };
}
