import type { Commit, GitRepository } from './git-repository.ts';

/** Resolves a revision like git: `HEAD`, the short or full name of a branch or tag, or a commit id or its unique prefix. */
export function resolveCommit(
  git: GitRepository,
  revision: string,
  defaultBranch: string,
): Commit | undefined {
  const oid = oidOfRef(git, revision, defaultBranch) ?? oidOfCommit(git, revision);
  return oid === undefined ? undefined : git.commit(oid);
}

function oidOfRef(git: GitRepository, revision: string, defaultBranch: string): string | undefined {
  if (revision === 'HEAD' || revision === '@') return git.refs.get(`refs/heads/${defaultBranch}`);
  const names = [revision, `refs/${revision}`, `refs/tags/${revision}`, `refs/heads/${revision}`];
  return names.map((name) => git.refs.get(name)).find((oid) => oid !== undefined);
}

/** Git accepts abbreviations of at least four digits. */
function oidOfCommit(git: GitRepository, revision: string): string | undefined {
  if (git.commit(revision) !== undefined) return revision;
  if (!/^[0-9a-f]{4,39}$/.test(revision)) return undefined;
  const [oid, another] = git.commitsBeginning(revision);
  return another === undefined ? oid : undefined;
}

/** The ids of this commit and all its ancestors. */
export function ancestors(git: GitRepository, oid: string): Set<string> {
  const seen = new Set<string>();
  const open = [oid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(git.commit(next)?.parents ?? []));
  }
  return seen;
}

export function isAncestor(git: GitRepository, older: string, newer: string): boolean {
  return ancestors(git, newer).has(older);
}

/** The newest common ancestor; undefined for unrelated histories. */
export function mergeBase(git: GitRepository, a: string, b: string): Commit | undefined {
  const ofA = ancestors(git, a);
  const common = [...ancestors(git, b)].filter((oid) => ofA.has(oid));
  const older = new Set(common.flatMap((oid) => git.commit(oid)?.parents ?? []));
  const best = common.find((oid) => !older.has(oid));
  return best === undefined ? undefined : git.commit(best);
}
