import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bank, BankChange } from './bank.ts';
import { importBank } from './import-bank.ts';
import { openJournal } from './journal.ts';
import { type BankOrigin, seedBank } from './seed.ts';

/** Goes up whenever the same origin no longer gives the same bank. */
const FORMAT = 2;
const JOURNAL = 'journal.jsonl';

export interface BankStore {
  readonly bank: Bank;
  /** On disk first, then in memory, so that whatever was answered is still true after a kill. */
  change(change: BankChange): void;
  close(): void;
}

/**
 * The bank of this folder: made from its origin, then changed as its journal says. Hooks stay where they pointed:
 * for a folder that has a bank already, `projectWebhookUrl` is the one it was made with.
 *
 * @throws Error when the folder holds a bank of another origin.
 */
export function openBank(stateFolder: string, wanted: BankOrigin): BankStore {
  mkdirSync(stateFolder, { recursive: true });
  const origin = storedOrigin(stateFolder, wanted);
  // Imported repositories come from the journal, whose beginning they are.
  const bank = seedBank(
    origin.itemBankFolder === undefined ? origin : { ...origin, repositories: 0, withoutProjectWebhook: 0 },
  );
  const { journal, changes } = openJournal(join(stateFolder, JOURNAL));
  for (const change of changes) bank.apply(change);
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
  const path = join(stateFolder, 'bank.json');
  if (!existsSync(path)) {
    // The origin is written last: until then a start that was broken off begins again.
    if (wanted.itemBankFolder !== undefined) {
      const changes = importBank(wanted.itemBankFolder, wanted);
      writeWhole(join(stateFolder, JOURNAL), changes.map((change) => JSON.stringify(change)).join('\n'));
    }
    writeWhole(path, JSON.stringify({ format: FORMAT, ...wanted }, null, 2));
    return wanted;
  }
  const stored: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const fields = typeof stored === 'object' && stored !== null ? new Map(Object.entries(stored)) : new Map();
  const must = {
    format: FORMAT,
    ...wanted,
    itemBankFolder: wanted.itemBankFolder,
    projectWebhookUrl: fields.get('projectWebhookUrl'),
  };
  const differing = Object.entries(must).filter(([name, value]) => fields.get(name) !== value);
  if (differing.length === 0) return { ...wanted, projectWebhookUrl: String(must.projectWebhookUrl) };
  const differences = differing.map(
    ([name, value]) => `${name} is ${fields.get(name)} there and ${value} here`,
  );
  throw new Error(
    `The state in ${stateFolder} belongs to another bank: ${differences.join(', ')}. Delete the folder to start with a fresh one.`,
  );
}

function writeWhole(path: string, text: string): void {
  // Hooks are stored with their secrets, hence read by the owner only.
  writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
