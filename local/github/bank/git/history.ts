import type { Commit, GitRepository } from './git-repository.ts';
import { entryAt, isSameEntry } from './trees.ts';

/**
 * What `git log <start> -- <path>` shows, newest first. A commit that leaves the path as one of its parents has it is
 * not shown, and the walk goes on to the first such parent only ("History Simplification" in git's manual): so a
 * change on a side branch that a merge threw away is not part of the history.
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

/** Only a first commit can differ from no parent and still lack the path. */
function isShown(git: GitRepository, commit: Commit, path: string | undefined): boolean {
  return path === undefined || commit.parents.length > 0 || entryAt(git, commit.tree, path) !== undefined;
}

/** The newest stays first, and of equals the one that was met first, as in git's own queue. */
function insertByDate(open: Commit[], commit: Commit): void {
  const place = open.findIndex(({ committer }) => committer.date < commit.committer.date);
  open.splice(place === -1 ? open.length : place, 0, commit);
}
