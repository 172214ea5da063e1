import { closeSync, existsSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { readLines } from '../../file-reading.ts';
import type { BankChange } from './bank.ts';
import { BankError } from './bank-error.ts';

export interface Journal {
  /** Returns once the operating system has the line, so that a kill loses nothing. */
  append(change: BankChange): void;
  close(): void;
}

/**
 * Opens a journal with one change per line, in JSON, and applies its changes in order. It is read line by line, because
 * it can be larger than any string of Node. An incomplete last line was cut off by a kill before its request was
 * answered, so it is removed. Any other unreadable line means that the file was edited.
 *
 * @throws BankError for such a line, and the errors of `apply`.
 */
export function openJournal(path: string, apply: (change: BankChange) => void): Journal {
  let end = 0;
  let number = 0;
  for (const { text, endsAt } of existsSync(path) ? readLines(path) : []) {
    number += 1;
    apply(parseLine(text, `${path}:${number}`));
    end = endsAt;
  }
  // Readable only by its owner, because it contains the secrets of hooks.
  const file = openSync(path, 'a', 0o600);
  ftruncateSync(file, end);
  return {
    append(change) {
      const line = Buffer.from(`${JSON.stringify(change)}\n`);
      try {
        writeFileSync(file, line);
      } catch (error) {
        // On a full disk, a part of the line is in the file. The next change must not be appended to it.
        ftruncateSync(file, end);
        throw error;
      }
      end += line.length;
    },
    close: () => closeSync(file),
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
