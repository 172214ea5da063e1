import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { BankError, withFiles } from './bank-error.ts';
import { timestamp } from './entities.ts';
import { nameFault } from './repository-name.ts';

/** A folder that a repository is made of. */
export interface ItemFolder {
  readonly name: string;
  /** When one of its files was changed last. */
  readonly changedAt: string;
  /** By path, with slashes. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/**
 * The folders in this one that hold an item.json, or were taken before and have lost it. Hidden files and folders,
 * and links, are left out.
 *
 * @throws BankError when there are none, when GitHub would not take the names of some, or when one cannot be read.
 */
export function readItemFolders(parent: string, isKnown: (name: string) => boolean): ItemFolder[] {
  if (!existsSync(parent)) throw new BankError(`There is no folder ${parent}.`);
  const entries = withFiles(`The folder ${parent} cannot be read`, () =>
    readdirSync(parent, { withFileTypes: true }),
  );
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .filter((name) => isKnown(name) || existsSync(join(parent, name, 'item.json')))
    .sort();
  if (names.length === 0) throw new BankError(`No folder in ${parent} holds an item.json.`);
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
    const fault = twin === undefined ? nameFault(name) : `differs from "${twin}" in case only`;
    return fault === undefined ? [] : [`"${name}" ${fault}`];
  });
  if (faults.length === 0) return;
  throw new BankError(`GitHub would not take the names of these folders in ${parent}: ${faults.join('; ')}.`);
}

function readItemFolder(folder: string, name: string): ItemFolder {
  const paths = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep))
    .filter((parts) => !parts.some((part) => part.startsWith('.')));
  const changes = paths.map((parts) => statSync(join(folder, ...parts)).mtimeMs);
  return {
    name,
    changedAt: timestamp(new Date(Math.max(0, ...changes))),
    files: new Map(paths.map((parts) => [parts.join('/'), readFileSync(join(folder, ...parts))])),
  };
}
