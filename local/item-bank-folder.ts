import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './usage-error.ts';

/**
 * Reads the folder that a simulated organization is filled from. Each subfolder with an item.json becomes a repository;
 * hidden ones are ignored.
 *
 * @returns the number of items, and the names of the subfolders without an item.json.
 * @throws UsageError if the folder holds no item.
 */
export function readItemBankFolder(folder: string): { items: number; itemless: string[] } {
  const subfolders = listSubfolders(folder);
  if (subfolders.length === 0) {
    throw new UsageError(
      `ITEM_BANK_FOLDER: ${folder} contains no folders. Each repository needs a folder with an item.json.`,
    );
  }
  const itemless = subfolders.filter((name) => !readdirSync(join(folder, name)).includes('item.json'));
  if (itemless.length === subfolders.length) {
    throw new UsageError(
      `ITEM_BANK_FOLDER: no folder in ${folder} contains an item.json. Each repository needs one.`,
    );
  }
  return { items: subfolders.length - itemless.length, itemless };
}

function listSubfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read as a folder (${code})`;
    throw new UsageError(`ITEM_BANK_FOLDER: ${folder} ${why}.`);
  }
}
