import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readItemBankFolder } from '../../../../local/item-bank-folder.ts';

function folderWith(...files: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'item-sync-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '{}');
  }
  return folder;
}

describe('a folder of items', () => {
  it('is accepted with an item, and reports folders without one', () => {
    const folder = folderWith('a/item.json', 'b/other.json', '.git/HEAD', 'readme.md');
    expect(readItemBankFolder(folder)).toEqual({ items: 1, itemless: ['b'], links: [] });
  });

  it('reports links, which are not followed', () => {
    const elsewhere = folderWith('c/item.json');
    const folder = folderWith('a/item.json', 'b/other.json');
    symlinkSync(join(elsewhere, 'c'), join(folder, 'c'));
    symlinkSync(join(elsewhere, 'c', 'item.json'), join(folder, 'b', 'item.json'));
    expect(readItemBankFolder(folder)).toEqual({ items: 1, itemless: [], links: ['c', 'b/item.json'] });
  });

  it.each([
    [
      'does not exist',
      () => '/nowhere/at/all',
      /ITEM_BANK_FOLDER is \/nowhere\/at\/all, which does not exist/,
    ],
    ['is a file', () => join(folderWith('file'), 'file'), /cannot be read as a folder/],
    ['has no folder', () => folderWith('item.json'), /contains no folders/],
    ['has an item too deep', () => folderWith('a/b/item.json'), /where no folder contains an item\.json/],
  ])('is refused when it %s', (_, folder, sentence) => {
    expect(() => readItemBankFolder(folder())).toThrow(sentence);
  });
});
