import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { readConfiguration, stackSettings } from '../../local/configuration.ts';
import { synthesize } from '../../local/synthesis.ts';

/** The stack, synthesized and bundled as for a deployment, for ports of its own. */
export interface SynthesizedStack {
  /** The folder of the cloud assembly. */
  assembly: string;
  /** Environment variables of the commands: the ports. */
  environment: Record<string, string>;
  /** A state folder that holds the assembly, so that commands do not synthesize the stack again. */
  stateFolder: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    assembly: string;
    /** One for each worker, so that workers do not take each other's ports. */
    stacks: SynthesizedStack[];
  }
}

/** Synthesizes the stack for every worker. Provided by the root project, so that all projects share the result. */
export default async function setup({ vitest, config }: TestProject): Promise<() => Promise<void>> {
  const root = vitest.getRootProject();
  if ('stacks' in root.getProvidedContext()) return async () => {};
  const stacks: SynthesizedStack[] = [];
  // One after another, because all but the first find the bundles in the cache.
  for (const environment of await freePorts(config.maxWorkers)) stacks.push(await synthesizeFor(environment));
  root.provide('assembly', stacks[0]?.assembly ?? '');
  root.provide('stacks', stacks);
  return async () => {
    for (const { stateFolder } of stacks) await rm(stateFolder, { recursive: true, force: true });
  };
}

async function synthesizeFor(environment: SynthesizedStack['environment']): Promise<SynthesizedStack> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'item-sync-assembly-'));
  const assembly = await synthesize(stateFolder, stackSettings(readConfiguration(environment)));
  return { assembly, environment, stateFolder };
}

const PORTS = ['LOCAL_AWS_PORT', 'LOCAL_API_PORT', 'LOCAL_IDENTITY_PORT', 'LOCAL_GITHUB_PORT'];

/** Ports that the operating system chooses. All are open until the last is chosen, so that no two are the same. */
async function freePorts(sets: number): Promise<Record<string, string>[]> {
  const servers = Array.from({ length: sets * PORTS.length }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<string>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(String(typeof address === 'object' && address ? address.port : 0));
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Array.from({ length: sets }, (_, set) =>
    Object.fromEntries(PORTS.map((name, index) => [name, ports[set * PORTS.length + index] ?? ''])),
  );
}
