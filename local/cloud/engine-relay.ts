import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { SupervisedEngine } from './engine-supervisor.ts';
import { freeAddress } from './ports.ts';

export interface EngineRelay {
  /** The same as long as the relay runs, although each restart of the engine changes the engine's address. */
  url: string;
  close(): Promise<void>;
}

/** Longer than a restart takes. The clients retry afterwards. */
const WAIT_MS = 10_000;
const POLL_MS = 20;

/**
 * Relays connections to the engine without reading what they carry. A run sends thousands of requests to DynamoDB, and the
 * AWS endpoint, which reads each of them, would take a sixth of its CPU time. A connection that is opened while the engine
 * is being restarted waits for it. One that is open when the engine ends is closed, and the clients retry.
 */
export async function startEngineRelay(
  engine: Pick<SupervisedEngine, 'url'>,
  waitMs = WAIT_MS,
): Promise<EngineRelay> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, async (client) => {
    open.add(client);
    client.once('close', () => open.delete(client));
    // The pipeline destroys both sockets if one of them fails.
    client.on('error', () => {});
    const upstream = await connectTo(engine, performance.now() + waitMs);
    if (upstream) pipeline(client, upstream, client, () => {});
    else client.destroy();
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

async function listenAnywhere(server: Server): Promise<string> {
  // Like the engine, it answers every web page that finds it.
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
      await delay(POLL_MS);
    }
  }
  return undefined;
}
