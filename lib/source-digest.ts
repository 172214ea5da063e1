import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/**
 * A name for the content of these files and folders, whose paths are relative to the root of the project. It changes
 * if a file changes, comes, goes or is renamed; paths that do not exist are skipped.
 */
export function digestOf(paths: readonly string[], ...more: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(more));
  for (const file of paths.flatMap(listFiles)) {
    const content = createHash('sha256').update(readFileSync(resolve(ROOT, file)));
    hash.update(`${file}\0${content.digest('hex')}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}

function listFiles(path: string): string[] {
  const found = statSync(resolve(ROOT, path), { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isFile()) return [path];
  const names = readdirSync(resolve(ROOT, path)).sort();
  return names.flatMap((name) => listFiles(join(path, name)));
}
