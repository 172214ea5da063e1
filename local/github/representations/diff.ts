import type { components } from '@octokit/openapi-types';
import { type Commit, type GitRepository, isBinary } from '../bank/git/git-repository.ts';
import { type FileEntry, filesOf, isSameEntry } from '../bank/git/trees.ts';

type DiffEntry = components['schemas']['diff-entry'];
type ChangedFile = Omit<DiffEntry, 'blob_url' | 'raw_url' | 'contents_url'>;

const CONTEXT_LINES = 3;

/** The changes of a commit since its first parent, by path. A rename is an addition and a removal. */
export function changedFiles(commit: Commit, git: GitRepository): ChangedFile[] {
  const parent = git.commit(commit.parents[0] ?? '');
  const before = parent === undefined ? new Map<string, FileEntry>() : filesOf(git, parent.tree);
  const after = filesOf(git, commit.tree);
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .filter((path) => !isSameEntry(before.get(path), after.get(path)))
    .map((path) => changedFile(path, git, { old: before.get(path)?.oid, now: after.get(path)?.oid }));
}

function changedFile(
  filename: string,
  git: GitRepository,
  { old, now }: { old: string | undefined; now: string | undefined },
): ChangedFile {
  const status = old === undefined ? 'added' : 'modified';
  const file = { sha: now ?? old ?? null, filename, status: now === undefined ? 'removed' : status } as const;
  const hasPatch = [old, now].every((oid) => isText(git, oid));
  if (!hasPatch) return { ...file, additions: 0, deletions: 0, changes: 0 };
  const [removed, added] = [contentOf(git, old), contentOf(git, now)];
  return { ...file, ...compareLines(linesOf(removed), linesOf(added)) };
}

/** Larger files are answered like binary ones. GitHub has a limit for the size of a diff, too. */
const MAX_DIFF_BYTES = 10 * 1024 * 1024;

const isText = (git: GitRepository, oid = ''): boolean =>
  (git.blobSize(oid) ?? 0) <= MAX_DIFF_BYTES && !isBinary(git, oid);

const contentOf = (git: GitRepository, oid: string | undefined): Buffer =>
  git.blob(oid ?? '') ?? Buffer.alloc(0);

const linesOf = (content: Buffer): string[] =>
  content.length === 0 ? [] : content.toString().replace(/\n$/, '').split('\n');

/** One hunk from the first to the last changed line. Not always minimal, but correct. */
function compareLines(
  old: readonly string[],
  now: readonly string[],
): Pick<DiffEntry, 'additions' | 'deletions' | 'changes'> & { patch?: string } {
  const shorter = Math.min(old.length, now.length);
  let same = 0;
  while (same < shorter && old[same] === now[same]) same += 1;
  let tail = 0;
  while (tail < shorter - same && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const [removed, added] = [old.slice(same, old.length - tail), now.slice(same, now.length - tail)];
  const counts = {
    additions: added.length,
    deletions: removed.length,
    changes: added.length + removed.length,
  };
  if (counts.changes === 0) return counts;
  const lead = now.slice(Math.max(0, same - CONTEXT_LINES), same);
  const rest = now.slice(now.length - tail, now.length - tail + CONTEXT_LINES);
  const range = (sign: string, changed: number): string => {
    const length = lead.length + changed + rest.length;
    return `${sign}${length === 0 ? 0 : same - lead.length + 1},${length}`;
  };
  const lines = [
    `@@ ${range('-', removed.length)} ${range('+', added.length)} @@`,
    ...lead.map((line) => ` ${line}`),
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
    ...rest.map((line) => ` ${line}`),
  ];
  return { ...counts, patch: lines.join('\n') };
}
