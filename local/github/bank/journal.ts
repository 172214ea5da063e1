import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { BankChange } from './bank.ts';
import { BankError } from './bank-error.ts';

interface Journal {
  /** Returns once the operating system has the line, so that a kill loses nothing. */
  append(change: BankChange): void;
  close(): void;
}

export interface OpenedJournal {
  journal: Journal;
  changes: BankChange[];
}

/**
 * Opens a journal with one change per line, in JSON. An incomplete last line was cut off by a kill before its request
 * was answered, so it is removed. Any other unreadable line means that the file was edited.
 *
 * @throws BankError for such a line.
 */
export function openJournal(path: string): OpenedJournal {
  const stored = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const end = stored.lastIndexOf('\n') + 1;
  const lines = stored.subarray(0, end).toString().split('\n').slice(0, -1);
  const changes = lines.map((line, index) => parseLine(line, `${path}:${index + 1}`));

  // Readable only by its owner, because it contains the secrets of hooks.
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
    throw new BankError(`${place} is not JSON.`, { cause, isDamaged: true });
  }
  throw new BankError(`${place} is not a change of a bank.`, { isDamaged: true });
}
