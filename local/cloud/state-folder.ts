import { accessSync, constants, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { makePrivateFolder, readStateFile, replaceFile } from '../files.ts';
import { CloudError } from './errors.ts';

/** The answer of `GET /_health`, also stored in the state folder that the cloud uses. */
const runningCloud = z.object({
  stackName: z.string(),
  stateFolder: z.string(),
  awsEndpoint: z.string(),
  apiEndpoint: z.string(),
  /** The outputs of the template, resolved. */
  outputs: z.record(z.string(), z.string()),
  /** Published by the process that started the cloud, for others to read. */
  notes: z.record(z.string(), z.string()),
});
export type RunningCloud = z.infer<typeof runningCloud>;

const fileOf = (stateFolder: string) => path.join(stateFolder, 'cloud.json');

/** Creates the folder. @throws {CloudError} StateFolderUnusable when it is not writable */
export function prepareStateFolder(stateFolder: string): void {
  try {
    makePrivateFolder(stateFolder);
    accessSync(stateFolder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new CloudError('StateFolderUnusable', `The state folder ${stateFolder} cannot be used`, { cause });
  }
}

/** Long enough for a cloud on a busy machine, but limited in case another program has taken over its port. */
const HEALTH_LIMIT_MS = 10_000;

/**
 * Finds the cloud that is using this state folder. It must answer over HTTP: the file may be left over from a killed
 * cloud, and a process id may have been reused.
 *
 * @throws StateDamaged
 */
export async function findRunningCloud(stateFolder: string): Promise<RunningCloud | undefined> {
  const file = fileOf(stateFolder);
  if (!existsSync(file)) return undefined;
  const { awsEndpoint } = readStateFile(file, runningCloud.pick({ awsEndpoint: true }));
  const answer: unknown = await fetch(`${awsEndpoint}/_health`, {
    signal: AbortSignal.timeout(HEALTH_LIMIT_MS),
  })
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
  replaceFile(fileOf(stateFolder), JSON.stringify(cloud, null, 2));
  return () => rmSync(fileOf(stateFolder), { force: true });
}
