import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/**
 * A short name for the content of files and folders of the project, given by their paths below its root. Files that do
 * not exist count as well, so that adding one changes the name.
 */
export function digestOf(paths: readonly string[], ...more: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(more));
  for (const file of paths.flatMap(filesOf)) {
    hash.update(file).update('\0');
    hash.update(
      createHash('sha256')
        .update(readFileSync(join(ROOT, file)))
        .digest(),
    );
  }
  return hash.digest('hex').slice(0, 16);
}

function filesOf(path: string): string[] {
  const found = statSync(join(ROOT, path), { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isFile()) return [path];
  return readdirSync(join(ROOT, path))
    .sort()
    .flatMap((name) => filesOf(join(path, name)));
}
