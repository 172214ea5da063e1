import { createDraft } from '../bank/git/draft.ts';
import type { Commit } from '../bank/git/git-repository.ts';
import { type FileEntry, filesOf } from '../bank/git/trees.ts';
import { Refusal } from '../refusal.ts';
import type { Site } from '../site.ts';
import type { GitRequest, Signatures } from './git-request.ts';
import { push } from './push.ts';
import { assertPathLength } from './tree-request.ts';

export interface FileWrite extends Signatures {
  found: Pick<GitRequest, 'repository'>;
  path: string;
  branch: string;
  /** Undefined if this is the first commit of the branch. */
  head: Commit | undefined;
  message: string;
  /** Null deletes the file. */
  content: Buffer | null;
}

/** Commits a change of one file to the branch. */
export function writeFile(site: Site, write: FileWrite): Commit {
  const { found, path, branch, head, message, content, author, committer } = write;
  assertPathLength(path);
  const git = site.store.bank.gitOf(found.repository.id);
  const draft = createDraft(git);
  const files = head === undefined ? new Map<string, FileEntry>() : filesOf(git, head.tree);
  if (path === '' || [...files.keys()].some((known) => known.startsWith(`${path}/`))) {
    throw new Refusal(422, `path contains a folder: ${path}`);
  }
  if (content === null) files.delete(path);
  else files.set(path, { mode: files.get(path)?.mode ?? '100644', oid: draft.blob(content) });
  const parents = head === undefined ? [] : [head.oid];
  const oid = draft.commit({ tree: draft.tree(files), parents, author, committer, message });
  push(site, found.repository, { objects: draft.objects, refs: [{ name: `refs/heads/${branch}`, oid }] });
  const commit = git.commit(oid);
  if (commit === undefined) throw new Error(`The commit ${oid} was not written.`);
  return commit;
}
