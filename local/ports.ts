import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Configuration, portsByVariable } from './configuration.ts';
import { HOST } from './loopback-server.ts';

/** Ports of the configuration that cannot be used. */
export class PortsTaken extends Error {
  override readonly name = 'PortsTaken';
}

/** @throws PortsTaken that names each taken port, and the variable that changes it. */
export async function checkPorts(configuration: Configuration): Promise<void> {
  const faults: string[] = [];
  for (const [variable, port] of Object.entries(portsByVariable(configuration))) {
    const code = await errorOnListening(port);
    if (code === 'EADDRINUSE') {
      faults.push(`Port ${port} is taken by another program: end it, or set ${variable} to a free port.`);
    } else if (code === 'EACCES') {
      faults.push(`This user may not use port ${port}: set ${variable} to a port from 1024.`);
    }
  }
  if (faults.length > 0) throw new PortsTaken(faults.join('\n'));
}

/** @returns undefined if the port is free. */
async function errorOnListening(port: number): Promise<'EADDRINUSE' | 'EACCES' | undefined> {
  const probe = createServer().listen(port, HOST);
  try {
    await once(probe, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE' || code === 'EACCES') return code;
    throw error;
  }
  probe.close();
  await once(probe, 'close');
  return undefined;
}
