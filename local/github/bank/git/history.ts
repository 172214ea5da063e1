import type { Commit, GitRepository } from './git-repository.ts';
import { entryAt, isSameEntry } from './trees.ts';

/**
 * The commits that `git log <start> -- <path>` shows, newest first. A commit whose path is the same as in one of its
 * parents is not shown, and only the first such parent is followed ("History Simplification" in git's manual). Changes
 * on a side branch that a merge discarded are therefore not part of the history.
 */
export function historyOf(git: GitRepository, start: Commit, path?: string): Commit[] {
  const shown: Commit[] = [];
  const seen = new Set([start.oid]);
  const open = [start];
  for (let commit = open.shift(); commit !== undefined; commit = open.shift()) {
    const parents = commit.parents.flatMap((oid) => git.commit(oid) ?? []);
    const same = path === undefined ? undefined : sameParent(git, commit, { parents, path });
    if (same === undefined && isShown(git, commit, path)) shown.push(commit);
    for (const parent of same === undefined ? parents : [same]) {
      if (!seen.has(parent.oid)) insertByDate(open, parent);
      seen.add(parent.oid);
    }
  }
  return shown;
}

function sameParent(
  git: GitRepository,
  commit: Commit,
  { parents, path }: { parents: readonly Commit[]; path: string },
): Commit | undefined {
  const own = entryAt(git, commit.tree, path);
  return parents.find((parent) => isSameEntry(entryAt(git, parent.tree, path), own));
}

/** A commit without parents is shown only if it has the path. */
function isShown(git: GitRepository, commit: Commit, path: string | undefined): boolean {
  return path === undefined || commit.parents.length > 0 || entryAt(git, commit.tree, path) !== undefined;
}

/** Newest first; with equal dates in order of insertion, as in git's own queue. */
function insertByDate(open: Commit[], commit: Commit): void {
  const index = open.findIndex(({ committer }) => committer.date < commit.committer.date);
  open.splice(index === -1 ? open.length : index, 0, commit);
}
