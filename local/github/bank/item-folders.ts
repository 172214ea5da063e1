import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BankError, withFiles } from './bank-error.ts';
import { type HashedFile, hashFile } from './blob-files.ts';
import { timestamp } from './entities.ts';
import { nameFault } from './repository-name.ts';

/** A folder from which a repository is imported. */
export interface ItemFolder {
  readonly name: string;
  /** When one of its files was last changed. */
  readonly changedAt: string;
  /** By path in the folder, with slashes. Their contents are not read before they are needed. */
  readonly files: ReadonlyMap<string, HashedFile>;
}

/**
 * Reads the subfolders that have an item.json or are known from an earlier import. Hidden files, hidden folders and
 * links are skipped.
 *
 * @throws BankError when there are none, when GitHub would refuse some of their names, or when one is not readable.
 */
export function readItemFolders(parent: string, isKnown: (name: string) => boolean): ItemFolder[] {
  if (!existsSync(parent)) throw new BankError(`The folder ${parent} does not exist.`);
  const entries = withFiles(`The folder ${parent} cannot be read`, () =>
    readdirSync(parent, { withFileTypes: true }),
  );
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .filter((name) => isKnown(name) || isFile(join(parent, name, 'item.json')))
    .sort();
  if (names.length === 0) throw new BankError(`No folder in ${parent} has an item.json.`);
  assertNames(parent, names);
  return names.map((name) => {
    const folder = join(parent, name);
    return withFiles(`The folder ${folder} cannot be read`, () => readItemFolder(folder, name));
  });
}

function assertNames(parent: string, names: readonly string[]): void {
  const first = new Map<string, string>();
  const faults = names.flatMap((name) => {
    const twin = first.get(name.toLowerCase());
    first.set(name.toLowerCase(), twin ?? name);
    const fault = twin === undefined ? nameFault(name) : `differs from "${twin}" only in case`;
    return fault === undefined ? [] : [`"${name}" ${fault}`];
  });
  if (faults.length === 0) return;
  throw new BankError(`GitHub would refuse the names of these folders in ${parent}: ${faults.join('; ')}.`);
}

/** False for a link, which could lead to any file of this machine. */
const isFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function readItemFolder(folder: string, name: string): ItemFolder {
  const files = listFiles(folder).map((path) => [path, hashFile(join(folder, path))] as const);
  return {
    name,
    changedAt: timestamp(
      new Date(files.reduce((latest, [, { changedMs }]) => Math.max(latest, changedMs), 0)),
    ),
    files: new Map(files),
  };
}

/** Paths with slashes. Node's own recursive listing would follow links to folders. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .flatMap((entry) => {
      if (entry.isFile()) return [entry.name];
      if (!entry.isDirectory()) return [];
      return listFiles(join(folder, entry.name)).map((path) => `${entry.name}/${path}`);
    });
}
