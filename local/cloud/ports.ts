import { createServer, type Server } from 'node:net';
import { CloudError, type PortRole, PortTaken } from './errors.ts';

/** Servers listen on the loopback interface only. */
export const HOST = '127.0.0.1';

/** Resolves with the port once the server listens. @throws {PortTaken} when the port is in use */
export function listen(server: Server, port: number, role: PortRole): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTaken(role, port) : error),
    );
    server.listen(port, HOST, () => resolve(portOf(server)));
  });
}

/** Finds a free port for a program that cannot take over a listening socket. Another process may still win the race. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, 0, 'aws');
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new CloudError('EngineUnavailable', 'A listening server has no port.');
  }
  return address.port;
}
