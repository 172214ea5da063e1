import type { Commit, GitRepository } from './git-repository.ts';
import { mergeBase } from './revisions.ts';
import { type FileEntry, type Files, filesOf, isSameEntry } from './trees.ts';

/** Merges whole files. Undefined for a conflict, which is when both sides changed the same file differently. */
export function mergeFiles(git: GitRepository, ours: Commit, theirs: Commit): Files | undefined {
  const base = mergeBase(git, ours.oid, theirs.oid);
  const sides = { ours: filesOf(git, ours.tree), theirs: filesOf(git, theirs.tree) };
  const before = base === undefined ? new Map<string, FileEntry>() : filesOf(git, base.tree);
  const merged = new Map<string, FileEntry>();
  for (const path of new Set([...sides.ours.keys(), ...sides.theirs.keys()])) {
    const [our, their, old] = [sides.ours.get(path), sides.theirs.get(path), before.get(path)];
    if (!isSameEntry(our, their) && !isSameEntry(our, old) && !isSameEntry(their, old)) return undefined;
    const result = isSameEntry(our, old) ? their : our;
    if (result !== undefined) merged.set(path, result);
  }
  return merged;
}
