import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { readConfiguration, stackSettings } from '../../local/configuration.ts';
import { synthesize } from '../../local/synthesis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the cloud assembly, with the template and the bundles of a deployment. */
    assembly: string;
    /** Environment variables of the commands: free ports, for which the stack was synthesized. */
    environment: Record<string, string>;
    /** A state folder with the assembly, so that commands do not synthesize it again. */
    stateFolder: string;
  }
}

/** Synthesizes the real stack once for all tests of a project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'item-sync-assembly-'));
  const [aws, api, identity, github] = await freePorts(4);
  const environment = {
    LOCAL_AWS_PORT: String(aws),
    LOCAL_API_PORT: String(api),
    LOCAL_IDENTITY_PORT: String(identity),
    LOCAL_GITHUB_PORT: String(github),
  };
  const assembly = await synthesize(stateFolder, stackSettings(readConfiguration(environment)));
  project.provide('assembly', assembly);
  project.provide('environment', environment);
  project.provide('stateFolder', stateFolder);
  return () => rm(stateFolder, { recursive: true, force: true });
}

/** Free ports. All are held open at the same time, so that no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
