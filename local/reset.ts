import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findRunningCloud } from './cloud/state-folder.ts';
import { type Command, checkArguments, EXIT } from './command.ts';
import { UsageError } from './usage-error.ts';

/** The parts of a state folder. It also contains the state folders of other item banks, which stay. */
const PARTS = ['assemblies', 'cloud', 'clock.json', 'github', 'identity-provider'];

/** Deletes the state of one item bank: its history, its logs, the mirror, and the simulated organization. */
export const run: Command = async (args, { configuration: { stateFolder } }) => {
  checkArguments(args, [], 'npm run reset');
  const running = await findRunningCloud(join(stateFolder, 'cloud'));
  if (running) throw new UsageError(`The embedded cloud is running at ${running.awsEndpoint}: end it first.`);
  for (const part of PARTS) await rm(join(stateFolder, part), { recursive: true, force: true });
  const others = await readdir(stateFolder).catch(() => []);
  if (others.length === 0) await rm(stateFolder, { recursive: true, force: true });
  console.log(`Deleted the state in ${stateFolder}.`);
  if (others.length > 0) console.log(`Kept the state of other item banks: ${others.join(', ')}.`);
  return EXIT.completed;
};
