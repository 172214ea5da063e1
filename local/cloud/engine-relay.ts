import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type SupervisedEngine, WAIT_FOR_RESTART } from './engine-supervisor.ts';
import { freeAddress } from './ports.ts';

export interface EngineRelay {
  /** The same as long as the relay runs, although each restart of the engine changes the engine's address. */
  url: string;
  close(): Promise<void>;
}

/**
 * Relays the connections of functions to the engine, and reads only the head of the first request of each. A run sends
 * thousands of requests to DynamoDB, and the AWS endpoint, which reads each of them, would take a tenth of its CPU time.
 *
 * A connection that is opened while the engine is being restarted waits for it. One that is open when the engine ends is
 * closed, and the clients retry.
 */
export async function startEngineRelay(engine: Pick<SupervisedEngine, 'url'>): Promise<EngineRelay> {
  const open = new Set<Socket>();
  const relay = async (client: Socket): Promise<void> => {
    open.add(client);
    client.once('close', () => open.delete(client));
    // The pipeline destroys both sockets if one of them fails.
    client.on('error', () => {});
    const [first] = (await once(client, 'data')) as [Buffer];
    client.pause();
    if (!isOfFunction(first)) {
      client.end(FORBIDDEN);
      return;
    }
    const upstream = await connectTo(engine, performance.now() + WAIT_FOR_RESTART.limitMs);
    if (!upstream) {
      client.destroy();
      return;
    }
    upstream.write(first);
    pipeline(client, upstream, client, () => {});
  };
  const server = createServer({ noDelay: true }, (client) => {
    // The connection failed before its first request.
    relay(client).catch(() => client.destroy());
  });
  const url = await listenAnywhere(server);
  return {
    url,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const client of open) client.destroy();
      await closed;
    },
  };
}

const FORBIDDEN = 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

/**
 * Whether a request does not come from a web page. A browser names the page in `Origin` whenever it sends a POST, and a page that
 * has made its own host name point to this machine has that name in `Host`. All requests of a connection have one sender.
 */
function isOfFunction(first: Buffer): boolean {
  const [head = '', body] = first.toString('latin1').split('\r\n\r\n', 2);
  const [method = '', ...headers] = head.split('\r\n');
  const isToLoopback = headers.some((header) => /^host: *127(?:\.\d+){3}(?::\d+)?$/i.test(header));
  const isOfPage = headers.some((header) => /^origin:/i.test(header));
  return body !== undefined && method.startsWith('POST ') && isToLoopback && !isOfPage;
}

async function listenAnywhere(server: Server): Promise<string> {
  const { host, port } = await freeAddress();
  server.listen({ host, port });
  await once(server, 'listening');
  return `http://${host}:${port}`;
}

/** @returns undefined if the engine does not accept a connection before the deadline. */
async function connectTo(
  engine: Pick<SupervisedEngine, 'url'>,
  deadline: number,
): Promise<Socket | undefined> {
  while (performance.now() < deadline) {
    const url = await engine.url().catch(() => undefined);
    if (url === undefined) return undefined;
    const { hostname: host, port } = new URL(url);
    const socket = connect({ host, port: Number(port), noDelay: true });
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      // The engine has ended, but its supervisor has not noticed yet.
      await delay(WAIT_FOR_RESTART.pollMs);
    }
  }
  return undefined;
}
