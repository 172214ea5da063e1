import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findRunningCloud } from './cloud/state-folder.ts';
import { type Command, checkArguments, EXIT } from './command.ts';
import { UsageError } from './usage-error.ts';

/** What a state folder holds of its own item bank. Beside them are the state folders of other banks. */
const PARTS = ['assemblies', 'cloud', 'github', 'identity-provider'];

/** Forgets what the embedded cloud and its surroundings have kept of one item bank: history, logs, the bank itself. */
export const run: Command = async (args, { configuration: { stateFolder } }) => {
  checkArguments(args, [], 'npm run reset');
  const running = await findRunningCloud(join(stateFolder, 'cloud'));
  if (running) throw new UsageError(`The embedded cloud is running at ${running.awsEndpoint}: end it first.`);
  for (const part of PARTS) await rm(join(stateFolder, part), { recursive: true, force: true });
  const others = await readdir(stateFolder).catch(() => []);
  if (others.length === 0) await rm(stateFolder, { recursive: true, force: true });
  console.log(`Forgot ${stateFolder}.`);
  if (others.length > 0) console.log(`Kept what it has of other item banks: ${others.join(', ')}.`);
  return EXIT.completed;
};
