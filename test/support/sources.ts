import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface Source {
  /** From the root of the repository, with slashes. */
  path: string;
  text: string;
}

/** Every TypeScript and JavaScript file of these folders of the repository. */
export async function readSources(folders: readonly string[]): Promise<Source[]> {
  const found = await Promise.all(
    folders.map((folder) => readdir(join(ROOT, folder), { recursive: true, withFileTypes: true })),
  );
  const files = found.flat().filter((entry) => entry.isFile() && /\.m?[jt]s$/.test(entry.name));
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const file = join(parentPath, name);
      return { path: relative(ROOT, file), text: await readFile(file, 'utf8') };
    }),
  );
}

export interface Import {
  from: string;
  /** A path from the root of the repository, or a package with its subpath. */
  to: string;
  isTypeOnly: boolean;
  /** Whether it is a call, so that it is loaded later, if at all. */
  isCall: boolean;
}

const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const CALL = /\bimport\(\s*['"`]([^'"`]+)['"`]/g;

/** What a file imports or hands on, by statement and by call. */
export function importsOf({ path, text }: Source): Import[] {
  const statements = [...text.matchAll(STATEMENT)].map(([, type, to = '']) => ({
    to,
    isTypeOnly: !!type,
    isCall: false,
  }));
  const calls = [...text.matchAll(CALL)].map(([, to = '']) => ({ to, isTypeOnly: false, isCall: true }));
  return [...statements, ...calls].map(({ to, ...kind }) => ({
    from: path,
    to: to.startsWith('.') ? posix.join(posix.dirname(path), to) : to,
    ...kind,
  }));
}
