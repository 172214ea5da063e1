import { closeSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { CloudError } from './cloud/errors.ts';
import { closeToOthers, makePrivateFolder, replaceFile } from './files.ts';

const LOCK = 'lock';
const HOLDER = 'holder.json';

/** The parts of a state folder. A state folder can also contain the state folders of other item banks. */
export const PARTS = ['assemblies', 'cloud', 'clock.json', 'github', 'identity-provider'];
/** The files of the lock. They are part of the state folder, too. */
export const LOCK_FILES = [LOCK, HOLDER];

const Holder = z.object({
  /** As a person would type it. */
  command: z.string(),
  pid: z.number(),
  /** ISO 8601, on the real clock. */
  since: z.string(),
});
/** The process that holds a state folder. */
export type Holder = z.output<typeof Holder>;

export type Claim =
  | { kind: 'claimed'; release: () => void }
  /** Without a holder, the other process has not yet written who it is. */
  | { kind: 'held'; holder: Holder | undefined };

/**
 * Takes the lock of a state folder, and creates the folder if necessary. Only one process can hold the lock. The
 * operating system releases it when the process ends, even if it is killed, so there are no stale locks to detect.
 *
 * @throws CloudError `StateFolderUnusable` if the folder cannot be created or locked.
 */
export function claimFolder(folder: string, command: string): Claim {
  try {
    makePrivateFolder(folder);
    for (const part of PARTS.filter((name) => !name.includes('.'))) closeToOthers(join(folder, part));
    const unlock = lock(join(folder, LOCK));
    if (unlock === undefined) return { kind: 'held', holder: readHolder(folder) };
    const holder: Holder = { command, pid: process.pid, since: new Date().toISOString() };
    replaceFile(join(folder, HOLDER), JSON.stringify(holder));
    const release = (): void => {
      // After `npm run reset`, the file may already belong to the next holder.
      if (readHolder(folder)?.since === holder.since) rmSync(join(folder, HOLDER), { force: true });
      unlock();
    };
    return { kind: 'claimed', release };
  } catch (cause) {
    throw new CloudError('StateFolderUnusable', `The state folder ${folder} cannot be used`, { cause });
  }
}

const SQLITE_BUSY = 5;

/**
 * Locks a file by means of SQLite, because Node.js itself offers no lock that ends with the process.
 *
 * @returns the function that unlocks it, or undefined if another process holds the lock.
 */
function lock(file: string): (() => void) | undefined {
  for (;;) {
    createIfMissing(file);
    const before = inodeOf(file);
    const database = new DatabaseSync(file, { timeout: 0 });
    try {
      // Nothing is written, so there is nothing to journal.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
      throw error;
    }
    // `npm run reset` deletes the file, and other processes would not notice a lock on a deleted file.
    if (before !== undefined && inodeOf(file) === before) {
      return () => {
        if (database.isOpen) database.close();
      };
    }
    database.close();
  }
}

/** Does not open an existing file, because closing it would end this process's lock on it. */
function createIfMissing(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

const inodeOf = (file: string): bigint | undefined =>
  statSync(file, { throwIfNoEntry: false, bigint: true })?.ino;

/** The process that holds the lock, or that held it when it was killed. */
export function readHolder(folder: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(readFileSync(join(folder, HOLDER), 'utf8')));
  } catch {
    // The file is missing for a moment after the lock is taken and before it is released.
    return undefined;
  }
}

/** `npm start (process 4711, since 09:00:12)`. */
export function describeHolder(holder: Holder | undefined): string {
  if (holder === undefined) return 'another command';
  return `${holder.command} (process ${holder.pid}, since ${holder.since.slice(0, 19).replace('T', ' ')} UTC)`;
}
