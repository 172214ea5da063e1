import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { HOST } from '../loopback-server.ts';
import { CloudError, type PortRole, PortTaken } from './errors.ts';

/** Resolves with the port once the server listens. @throws {PortTaken} when the port is in use */
export function listen(server: Server, port: number, role: PortRole): Promise<number> {
  return listenOn(server, { host: HOST, port }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new PortTaken(role, port) : error;
  });
}

function listenOn(server: Server, address: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => resolve(portOf(server)));
  });
}

/** Finds a free port for a program that cannot take over a listening socket. Another process may still win the race. */
export async function freePort(host = HOST): Promise<number> {
  const probe = createServer();
  const port = await listenOn(probe, { host, port: 0 });
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * A random address of 127.0.0.0/8 with a free port, which a web page cannot find by trying. Where only 127.0.0.1 is
 * configured, as on macOS, just the port is random.
 */
export async function freeAddress(): Promise<{ host: string; port: number }> {
  const host = ['127', randomInt(1, 256), randomInt(256), randomInt(1, 255)].join('.');
  try {
    return { host, port: await freePort(host) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRNOTAVAIL')) throw error;
    return { host: HOST, port: await freePort() };
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new CloudError('EngineUnavailable', 'A listening server has no port.');
  }
  return address.port;
}
