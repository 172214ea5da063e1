import { createServer, type Server } from 'node:net';
import { CloudError, type PortRole, PortTaken } from './errors.ts';

/** Everything here is for one machine; nothing listens beyond it. */
export const HOST = '127.0.0.1';

/** Resolves once the server listens; a taken port is a {@link PortTaken}. */
export function listen(server: Server, port: number, role: PortRole): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTaken(role, port) : error),
    );
    server.listen(port, HOST, () => resolve(portOf(server)));
  });
}

/** A port that was free a moment ago, for programs that cannot be handed a listening socket. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, 0, 'aws');
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new CloudError('EngineUnavailable', 'A server that listens has no port.');
  }
  return address.port;
}
