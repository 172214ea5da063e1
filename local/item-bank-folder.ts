import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './usage-error.ts';

/**
 * Looks at a folder that an organization is filled from: a repository for each folder in it that holds an item.json.
 *
 * @returns how many hold one, and the names of those that hold none; hidden ones are not counted.
 * @throws UsageError in words for whoever filled the folder.
 */
export function readItemBankFolder(folder: string): { items: number; itemless: string[] } {
  const subfolders = subfoldersOf(folder);
  if (subfolders.length === 0) {
    throw new UsageError(`ITEM_BANK_FOLDER: ${folder} has no folder in it; each repository needs one.`);
  }
  const itemless = subfolders.filter((name) => !readdirSync(join(folder, name)).includes('item.json'));
  if (itemless.length === subfolders.length) {
    throw new UsageError(
      `ITEM_BANK_FOLDER: no folder in ${folder} holds an item.json; each repository needs one.`,
    );
  }
  return { items: subfolders.length - itemless.length, itemless };
}

function subfoldersOf(folder: string): string[] {
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
