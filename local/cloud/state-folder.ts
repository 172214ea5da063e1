import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { CloudError } from './errors.ts';

/** What `GET /_health` answers, and what the state folder remembers of the cloud that uses it. */
const runningCloud = z.object({
  stackName: z.string(),
  stateFolder: z.string(),
  awsEndpoint: z.string(),
  apiEndpoint: z.string(),
  /** What whoever started it wants others to know. */
  notes: z.record(z.string(), z.string()),
});
export type RunningCloud = z.infer<typeof runningCloud>;

const fileOf = (stateFolder: string) => path.join(stateFolder, 'cloud.json');

/** Makes the folder, or says in one sentence why nothing can be kept in it. */
export function prepareStateFolder(stateFolder: string): void {
  try {
    mkdirSync(stateFolder, { recursive: true });
    accessSync(stateFolder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new CloudError('StateFolderUnusable', `The state folder ${stateFolder} cannot be written to.`, {
      cause,
    });
  }
}

/**
 * The cloud that runs on this state folder now. It has to answer: a file may outlive its cloud, and a process id
 * may be another process's by now.
 */
export async function findRunningCloud(stateFolder: string): Promise<RunningCloud | undefined> {
  if (!existsSync(fileOf(stateFolder))) return undefined;
  const remembered = runningCloud.safeParse(JSON.parse(readFileSync(fileOf(stateFolder), 'utf8')));
  if (!remembered.success) return undefined;
  const answer: unknown = await fetch(`${remembered.data.awsEndpoint}/_health`)
    .then((response) => response.json())
    .catch(() => undefined);
  const running = runningCloud.safeParse(answer);
  return running.success && running.data.stateFolder === stateFolder ? running.data : undefined;
}

/** Takes the folder for this cloud. Gives back what releases it. */
export async function claimStateFolder(cloud: RunningCloud): Promise<() => void> {
  const { stateFolder } = cloud;
  const running = await findRunningCloud(stateFolder);
  if (running !== undefined) {
    const message = `Another cloud runs on the state folder ${stateFolder}; its endpoint is ${running.awsEndpoint}.`;
    throw new CloudError('StateFolderInUse', message);
  }
  writeFileSync(fileOf(stateFolder), JSON.stringify(cloud, null, 2));
  return () => rmSync(fileOf(stateFolder), { force: true });
}
