import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { BankError, withFiles } from './bank-error.ts';
import { timestamp } from './entities.ts';
import { nameFault } from './repository-name.ts';

/** A folder from which a repository is imported. */
export interface ItemFolder {
  readonly name: string;
  /** When one of its files was last changed. */
  readonly changedAt: string;
  /** By path, with slashes. */
  readonly files: ReadonlyMap<string, Buffer>;
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
    .filter((name) => isKnown(name) || existsSync(join(parent, name, 'item.json')))
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
