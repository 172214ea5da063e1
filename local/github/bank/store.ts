import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bank, BankChange } from './bank.ts';
import { BankError, withFiles } from './bank-error.ts';
import { importBank, importChanges } from './import-bank.ts';
import { openJournal } from './journal.ts';
import { type BankOrigin, seedBank } from './seed.ts';

/** Increase it whenever the same origin results in a different bank. */
const FORMAT = 3;
const ORIGIN = 'bank.json';
const JOURNAL = 'journal.jsonl';

export interface BankStore {
  readonly bank: Bank;
  /** Writes the change to disk before applying it, so that answers remain true after a kill. */
  change(change: BankChange): void;
  close(): void;
}

/**
 * Opens the bank of a state folder: recreates it from its origin, applies the journal, and imports the changes of its
 * item folder, if any. An existing bank keeps its `projectWebhookUrl`.
 *
 * @throws BankError when the state folder has a bank of another origin, or one of the folders is unusable.
 */
export function openBank(stateFolder: string, wanted: BankOrigin): BankStore {
  return withFiles(`The state folder ${stateFolder} cannot be used`, () => openStore(stateFolder, wanted));
}

function openStore(stateFolder: string, wanted: BankOrigin): BankStore {
  mkdirSync(stateFolder, { recursive: true });
  const originFile = join(stateFolder, ORIGIN);
  const isNew = !existsSync(originFile);
  // The origin is written last, so that an interrupted start is repeated from the beginning.
  if (isNew) rmSync(join(stateFolder, JOURNAL), { force: true });
  const origin = isNew ? wanted : storedOrigin(stateFolder, wanted);
  const store = readBank(stateFolder, origin);
  try {
    if (origin.itemBankFolder !== undefined) {
      if (isNew) importBank(store, origin.itemBankFolder, origin);
      else importChanges(store, origin.itemBankFolder);
    }
    if (isNew) writeAtomically(originFile, JSON.stringify({ format: FORMAT, ...origin }, null, 2));
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

function readBank(stateFolder: string, origin: BankOrigin): BankStore {
  // Imported repositories are in the journal.
  const bank = seedBank(
    origin.itemBankFolder === undefined ? origin : { ...origin, repositories: 0, withoutProjectWebhook: 0 },
  );
  const { journal, changes } = openJournal(join(stateFolder, JOURNAL));
  try {
    for (const change of changes) bank.apply(change);
  } catch (error) {
    journal.close();
    throw error;
  }
  return {
    bank,
    change(change) {
      journal.append(change);
      bank.apply(change);
    },
    close: () => journal.close(),
  };
}

function storedOrigin(stateFolder: string, wanted: BankOrigin): BankOrigin {
  const stored = readOrigin(join(stateFolder, ORIGIN));
  const fields = typeof stored === 'object' && stored !== null ? new Map(Object.entries(stored)) : new Map();
  const expected = {
    format: FORMAT,
    ...wanted,
    itemBankFolder: wanted.itemBankFolder,
    projectWebhookUrl: fields.get('projectWebhookUrl'),
  };
  const differing = Object.entries(expected).filter(([name, value]) => fields.get(name) !== value);
  if (differing.length === 0) return { ...wanted, projectWebhookUrl: String(expected.projectWebhookUrl) };
  const differences = differing.map(
    ([name, value]) => `${name} is ${fields.get(name)} there and ${value} here`,
  );
  throw new BankError(
    `The state in ${stateFolder} belongs to another bank: ${differences.join(', ')}. Delete the folder to start with a fresh one.`,
  );
}

function readOrigin(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BankError(`${path} is not JSON. Delete the folder to start with a fresh bank.`, { cause });
  }
}

function writeAtomically(path: string, text: string): void {
  writeFileSync(`${path}.new`, `${text}\n`);
  renameSync(`${path}.new`, path);
}
