import { existsSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '../cli/exit.ts';
import { print, printable } from '../cli/terminal/terminal.ts';
import { UsageError } from '../cli/usage-error.ts';
import type { Command } from './command.ts';
import { claimFolder, describeHolder, LOCK_FILES, PARTS } from './folder-lock.ts';
import { COMMANDS } from './usage.ts';

/** Deletes the state of one item bank: its history, its logs, the mirror, and the simulated organization. */
export const run: Command = async (_, { configuration: { stateFolder } }) => {
  if (!existsSync(stateFolder)) {
    print(`There is no state in ${stateFolder}.`);
    return EXIT.completed;
  }
  const claim = claimFolder(stateFolder, COMMANDS.reset.command);
  if (claim.kind === 'held') {
    const holder = describeHolder(claim.holder);
    throw new UsageError(`Nothing was deleted, because ${holder} is using ${stateFolder}: end it first.`);
  }
  try {
    for (const part of [...PARTS, ...LOCK_FILES]) {
      await rm(join(stateFolder, part), { recursive: true, force: true });
    }
    print(`Deleted the state in ${stateFolder}.`);
    const others = await readdir(stateFolder);
    if (others.length > 0) print(`Kept the state of other item banks: ${printable(others.join(', '))}.`);
    // Fails if another command has just started to use the folder.
    else await rmdir(stateFolder).catch(() => {});
    return EXIT.completed;
  } finally {
    claim.release();
  }
};
