import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../files.ts';
import type { Bank, BankChange } from './bank.ts';
import { BankError, type OriginDifference, withFiles } from './bank-error.ts';
import { type BlobFiles, openBlobFiles } from './blob-files.ts';
import { importBank, importChanges } from './import-bank.ts';
import { openJournal } from './journal.ts';
import { type BankOrigin, seedBank } from './seed.ts';

/** Increase it whenever the same origin results in a different bank. */
const FORMAT = 4;
const ORIGIN = 'bank.json';
const JOURNAL = 'journal.jsonl';
/** The contents of large files, which the journal refers to. */
const BLOBS = 'blobs';

export interface BankStore {
  readonly bank: Bank;
  readonly blobs: BlobFiles;
  /** Writes the change to disk before applying it, so that answers remain true after a kill. */
  change(change: BankChange): void;
  /** Imports the changes of the item folder since it was last read. Without an item folder, it does nothing. */
  importFolder(): void;
  close(): void;
}

/**
 * Opens the bank of a state folder: recreates it from its origin, applies the journal, and imports the changes of its
 * item folder, if any. An existing bank keeps the URL and the secret of its webhooks.
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
  if (isNew) {
    for (const name of [JOURNAL, BLOBS]) rmSync(join(stateFolder, name), { recursive: true, force: true });
  }
  const origin = isNew ? wanted : storedOrigin(stateFolder, wanted);
  const store = readBank(stateFolder, origin);
  try {
    if (origin.itemBankFolder !== undefined) {
      if (isNew) importBank(store, origin.itemBankFolder, origin);
      else importChanges(store, origin.itemBankFolder);
    }
    if (isNew) replaceFile(originFile, `${JSON.stringify({ format: FORMAT, ...origin }, null, 2)}\n`);
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

function readBank(stateFolder: string, origin: BankOrigin): BankStore {
  const blobs = openBlobFiles(join(stateFolder, BLOBS));
  // Imported repositories are in the journal.
  const bank = seedBank(
    origin.itemBankFolder === undefined ? origin : { ...origin, repositories: 0, withoutProjectWebhook: 0 },
    blobs.read,
  );
  const journal = openJournal(join(stateFolder, JOURNAL), (change) => {
    for (const object of objectsOf(change)) blobs.check(object);
    bank.apply(change);
  });
  const change: BankStore['change'] = (wanted) => {
    const applied: BankChange =
      wanted.type === 'git-written' ? { ...wanted, objects: wanted.objects.map(blobs.store) } : wanted;
    journal.append(applied);
    bank.apply(applied);
  };
  const importFolder = (): void => {
    if (origin.itemBankFolder !== undefined) importChanges({ bank, blobs, change }, origin.itemBankFolder);
  };
  return { bank, blobs, change, importFolder, close: () => journal.close() };
}

const objectsOf = (change: BankChange) => (change.type === 'git-written' ? change.objects : []);

function storedOrigin(stateFolder: string, wanted: BankOrigin): BankOrigin {
  const stored = readOrigin(join(stateFolder, ORIGIN));
  const fields = typeof stored === 'object' && stored !== null ? new Map(Object.entries(stored)) : new Map();
  const kept = {
    projectWebhookUrl: String(fields.get('projectWebhookUrl')),
    projectWebhookSecret: String(fields.get('projectWebhookSecret')),
  };
  const expected = { format: FORMAT, ...wanted, itemBankFolder: wanted.itemBankFolder, ...kept };
  const differences = Object.entries(expected)
    .filter(([name, value]) => fields.get(name) !== value)
    .map(([name, value]): OriginDifference => ({ name, stored: fields.get(name), wanted: value }));
  if (differences.length === 0) return { ...wanted, ...kept };
  const text = differences.map(
    (difference) => `${difference.name} is ${difference.stored} there and ${difference.wanted} here`,
  );
  throw new BankError(`The state in ${stateFolder} belongs to another bank: ${text.join(', ')}.`, {
    differences,
  });
}

function readOrigin(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BankError(`${path} is not JSON.`, { cause, isDamaged: true });
  }
}
