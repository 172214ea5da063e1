import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findRunningCloud } from './cloud/state-folder.ts';
import { assertKnown, type Command, EXIT } from './command.ts';
import { UsageError } from './usage-error.ts';

/** Forgets what the embedded cloud and its surroundings have kept: history, logs, the simulated bank. */
export const run: Command = async (args, { stateFolder }) => {
  assertKnown(args, [], 'npm run reset');
  const running = await findRunningCloud(join(stateFolder, 'cloud'));
  if (running) throw new UsageError(`The embedded cloud is running at ${running.awsEndpoint}: end it first.`);
  await rm(stateFolder, { recursive: true, force: true });
  console.log(`Forgot ${stateFolder}.`);
  return EXIT.completed;
};
