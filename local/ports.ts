import { once } from 'node:events';
import { createServer } from 'node:net';
import { HOST } from './cloud/ports.ts';
import type { Configuration } from './configuration.ts';

/** Ports of the configuration that other programs use. */
export class PortsTaken extends Error {
  override readonly name = 'PortsTaken';
}

/** @throws PortsTaken that names each taken port, and the variable that changes it. */
export async function checkPorts({ ports, bank }: Configuration): Promise<void> {
  const variables: Record<string, number> = {
    LOCAL_AWS_PORT: ports.aws,
    LOCAL_API_PORT: ports.api,
    LOCAL_IDENTITY_PORT: ports.identityProvider,
    ...(bank.kind === 'simulated' && { LOCAL_GITHUB_PORT: bank.port }),
  };
  const faults: string[] = [];
  for (const [variable, port] of Object.entries(variables)) {
    if (await isFree(port)) continue;
    faults.push(`Port ${port} is taken by another program: end it, or set ${variable} to a free port.`);
  }
  if (faults.length > 0) throw new PortsTaken(faults.join('\n'));
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, HOST);
  try {
    await once(probe, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
