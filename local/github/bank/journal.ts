import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { BankChange } from './bank.ts';
import { BankError } from './bank-error.ts';

interface Journal {
  /** Returns once the operating system has the line: a killed process loses nothing. */
  append(change: BankChange): void;
  close(): void;
}

export interface OpenedJournal {
  journal: Journal;
  changes: BankChange[];
}

/**
 * One change a line, in JSON. A last line without its end is what a kill in the middle of writing leaves; nobody
 * was answered for it, so it is cut off. Any other unreadable line means that somebody edited the file.
 *
 * @throws BankError when there is such a line.
 */
export function openJournal(path: string): OpenedJournal {
  const stored = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const end = stored.lastIndexOf('\n') + 1;
  const lines = stored.subarray(0, end).toString().split('\n').slice(0, -1);
  const changes = lines.map((line, index) => parseLine(line, `${path}:${index + 1}`));

  // Read by its owner only: hooks are stored with their secrets.
  const file = openSync(path, 'a', 0o600);
  if (end < stored.length) ftruncateSync(file, end);
  return {
    changes,
    journal: {
      append: (change) => void writeSync(file, `${JSON.stringify(change)}\n`),
      close: () => closeSync(file),
    },
  };
}

function parseLine(line: string, place: string): BankChange {
  try {
    const change: unknown = JSON.parse(line);
    if (typeof change === 'object' && change !== null && 'type' in change) return change as BankChange;
  } catch (cause) {
    throw new BankError(`${place} is not JSON. Delete the folder to start with a fresh bank.`, { cause });
  }
  throw new BankError(`${place} is not a change of a bank. Delete the folder to start with a fresh bank.`);
}
