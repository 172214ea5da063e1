import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { CloudError } from './errors.ts';

/** The answer of `GET /_health`, also stored in the state folder that the cloud uses. */
const runningCloud = z.object({
  stackName: z.string(),
  stateFolder: z.string(),
  awsEndpoint: z.string(),
  apiEndpoint: z.string(),
  /** Published by the process that started the cloud, for others to read. */
  notes: z.record(z.string(), z.string()),
});
export type RunningCloud = z.infer<typeof runningCloud>;

const fileOf = (stateFolder: string) => path.join(stateFolder, 'cloud.json');

/** Creates the folder. @throws {CloudError} StateFolderUnusable when it is not writable */
export function prepareStateFolder(stateFolder: string): void {
  try {
    mkdirSync(stateFolder, { recursive: true });
    accessSync(stateFolder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new CloudError('StateFolderUnusable', `The state folder ${stateFolder} is not writable.`, {
      cause,
    });
  }
}

/**
 * Finds the cloud that is using this state folder. It must answer over HTTP: the file may be left over from a killed
 * cloud, and a process id may have been reused.
 */
export async function findRunningCloud(stateFolder: string): Promise<RunningCloud | undefined> {
  if (!existsSync(fileOf(stateFolder))) return undefined;
  const stored = runningCloud.safeParse(JSON.parse(readFileSync(fileOf(stateFolder), 'utf8')));
  if (!stored.success) return undefined;
  const answer: unknown = await fetch(`${stored.data.awsEndpoint}/_health`)
    .then((response) => response.json())
    .catch(() => undefined);
  const running = runningCloud.safeParse(answer);
  return running.success && running.data.stateFolder === stateFolder ? running.data : undefined;
}

/** Claims the folder for this cloud and returns the function that releases it. */
export async function claimStateFolder(cloud: RunningCloud): Promise<() => void> {
  const { stateFolder } = cloud;
  const running = await findRunningCloud(stateFolder);
  if (running !== undefined) {
    const message = `Another cloud is using the state folder ${stateFolder}; its endpoint is ${running.awsEndpoint}.`;
    throw new CloudError('StateFolderInUse', message);
  }
  writeFileSync(fileOf(stateFolder), JSON.stringify(cloud, null, 2));
  return () => rmSync(fileOf(stateFolder), { force: true });
}
