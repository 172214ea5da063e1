import type { GitRepository } from './git-repository.ts';
import { type FileMode, oidOf, type TreeEntry, type TreeObject } from './objects.ts';

export interface FileEntry {
  readonly mode: FileMode;
  readonly oid: string;
}

/** By full path, such as `attachments/asl.mp4`. */
export type Files = ReadonlyMap<string, FileEntry>;

/** The tree's entry at this path; the tree itself for an empty path. */
export function entryAt(git: GitRepository, treeOid: string, path: string): TreeEntry | undefined {
  let entry: TreeEntry | undefined = { mode: '040000', name: '', oid: treeOid };
  for (const name of path.split('/').filter((part) => part !== '')) {
    const entries: readonly TreeEntry[] = git.tree(entry.oid) ?? [];
    entry = entries.find((candidate) => candidate.name === name);
    if (entry === undefined) return undefined;
  }
  return entry;
}

type Entry = Pick<TreeEntry, 'mode' | 'oid'>;

/** Compares content and mode: like in git, a file that becomes executable or a link has changed. */
export function isSameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

export function filesOf(git: GitRepository, treeOid: string, folder = ''): Map<string, FileEntry> {
  const files = new Map<string, FileEntry>();
  for (const { mode, name, oid } of git.tree(treeOid) ?? []) {
    const path = `${folder}${name}`;
    if (mode !== '040000') files.set(path, { mode, oid });
    else for (const [inner, entry] of filesOf(git, oid, `${path}/`)) files.set(inner, entry);
  }
  return files;
}

/** The trees of these files, the root last. */
export function treesOf(files: Files): { trees: TreeObject[]; root: string } {
  const trees: TreeObject[] = [];
  const entries: TreeEntry[] = [];
  for (const [name, members] of byFirstPart(files)) {
    const file = members.get('');
    if (file !== undefined) entries.push({ mode: file.mode, name, oid: file.oid });
    else {
      const inner = treesOf(members);
      trees.push(...inner.trees);
      entries.push({ mode: '040000', name, oid: inner.root });
    }
  }
  const root: TreeObject = { type: 'tree', entries: inGitOrder(entries) };
  return { trees: [...trees, root], root: oidOf(root) };
}

function byFirstPart(files: Files): Map<string, Map<string, FileEntry>> {
  const parts = new Map<string, Map<string, FileEntry>>();
  for (const [path, entry] of files) {
    const end = path.indexOf('/');
    const name = end === -1 ? path : path.slice(0, end);
    const members = parts.get(name) ?? new Map<string, FileEntry>();
    members.set(end === -1 ? '' : path.slice(end + 1), entry);
    parts.set(name, members);
  }
  return parts;
}

/** Sorts by bytes, and folders as if their names ended in a slash. */
function inGitOrder(entries: readonly TreeEntry[]): TreeEntry[] {
  const key = ({ mode, name }: TreeEntry): Buffer => Buffer.from(mode === '040000' ? `${name}/` : name);
  return [...entries].sort((a, b) => Buffer.compare(key(a), key(b)));
}
