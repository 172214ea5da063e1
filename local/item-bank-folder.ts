import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { printable } from '../cli/terminal/terminal.ts';
import { UsageError } from '../cli/usage-error.ts';
import type { SimulatedBank } from './item-bank.ts';

interface ItemBankFolder {
  /** The number of items. */
  items: number;
  /** The names of the subfolders without an item.json. */
  itemless: string[];
  /** Links in place of a subfolder or an item.json. They are not followed, because they can lead to any file. */
  links: string[];
}

/**
 * Reads the folder that a simulated organization is filled from. Each subfolder with an item.json becomes a repository;
 * hidden ones are ignored.
 *
 * @throws UsageError if the folder holds no item.
 */
export function readItemBankFolder(folder: string): ItemBankFolder {
  const entries = listEntries(folder);
  const subfolders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const kinds = subfolders.map((name) => ({ name, kind: kindOf(join(folder, name, 'item.json')) }));
  const links = [
    ...entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name),
    ...kinds.filter(({ kind }) => kind === 'link').map(({ name }) => `${name}/item.json`),
  ];
  const notFollowed = links.length === 0 ? '' : ` Links are not followed: ${nameSome(links)}.`;
  if (subfolders.length === 0) {
    throw new UsageError(
      `ITEM_BANK_FOLDER is ${folder}, which contains no folders. Each repository needs a folder with an item.json.${notFollowed}`,
    );
  }
  const itemless = kinds.filter(({ kind }) => kind === 'none').map(({ name }) => name);
  const items = kinds.filter(({ kind }) => kind === 'file').length;
  if (items === 0) {
    throw new UsageError(
      `ITEM_BANK_FOLDER is ${folder}, where no folder contains an item.json. Each repository needs one.${notFollowed}`,
    );
  }
  return { items, itemless, links };
}

function listEntries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read as a folder (${code})`;
    throw new UsageError(`ITEM_BANK_FOLDER is ${folder}, which ${why}.`);
  }
}

function kindOf(path: string): 'file' | 'link' | 'none' {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink()) return 'link';
  return found?.isFile() ? 'file' : 'none';
}

/** The first five names. */
function nameSome(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return `${printable(names.slice(0, 5).join(', '))}${more}`;
}

interface FolderCheck {
  isNewBank: boolean;
  report: (line: string) => void;
}

/**
 * Checks the folder of a simulated bank, if it has one, and reports what is left out of it.
 *
 * @throws UsageError
 */
export function checkItemBankFolder(
  { folder, withoutProjectWebhook }: SimulatedBank,
  check: FolderCheck,
): void {
  if (folder === undefined) return;
  const { items, itemless, links } = readItemBankFolder(folder);
  if (withoutProjectWebhook > items && check.isNewBank) {
    throw new UsageError(
      `ITEM_BANK_WITHOUT_WEBHOOK is ${withoutProjectWebhook}, but ${folder} has only ${items} items.`,
    );
  }
  if (itemless.length > 0) check.report(`These folders hold no item.json: ${nameSome(itemless)}.`);
  if (links.length > 0) check.report(`These links are not followed: ${nameSome(links)}.`);
}
