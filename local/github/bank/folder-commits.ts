import type { BankChange } from './bank.ts';
import type { Repository } from './entities.ts';
import { createDraft, type GitDraft } from './git/draft.ts';
import { createGitRepository, type GitRepository } from './git/git-repository.ts';
import { type FileEntry, type Files, filesOf, isSameEntry } from './git/trees.ts';
import type { ItemFolder } from './item-folders.ts';
import { AUTHORING_TOOL } from './items/people.ts';

type GitWritten = Extract<BankChange, { type: 'git-written' }>;

/** The tree that the folder's files make. */
export function treeOfFolder(itemFolder: ItemFolder): string {
  return writeFolder(createDraft(createGitRepository()), itemFolder).tree;
}

/** All files of the folder in the first commit of a new repository. */
export function firstCommit(repository: Repository, itemFolder: ItemFolder): GitWritten {
  const draft = createDraft(createGitRepository());
  const { tree } = writeFolder(draft, itemFolder);
  const oid = commitTree(draft, { tree, parents: [], at: itemFolder.changedAt, message: 'Import the item' });
  return {
    type: 'git-written',
    repository,
    objects: draft.objects,
    refs: [{ name: defaultRef(repository), oid }],
    folder: { name: itemFolder.name, tree },
  };
}

export interface KnownFolder {
  repository: Repository;
  git: GitRepository;
  /** The folder's tree when it was read last. */
  tree: string;
}

/** What is different in the folder since it was read last, on top of the repository as it is now. */
export function nextCommit(
  { repository, git, tree: before }: KnownFolder,
  itemFolder: ItemFolder,
): GitWritten {
  const draft = createDraft(git);
  const folder = writeFolder(draft, itemFolder);
  const head = git.commit(git.refs.get(defaultRef(repository)) ?? '');
  const files = head === undefined ? new Map<string, FileEntry>() : filesOf(git, head.tree);
  applyChanges(files, { before: filesOf(git, before), after: folder.files });
  const tree = draft.tree(files);
  const taken = { name: itemFolder.name, tree: folder.tree };
  // Others may have written the same.
  if (tree === head?.tree) {
    return { type: 'git-written', repository, objects: draft.objects, refs: [], folder: taken };
  }
  const parents = head === undefined ? [] : [head.oid];
  const at = later(itemFolder.changedAt, head?.committer.date);
  const oid = commitTree(draft, { tree, parents, at, message: 'Import the changed item' });
  return {
    type: 'git-written',
    repository: { ...repository, updatedAt: at, pushedAt: at },
    objects: draft.objects,
    refs: [{ name: defaultRef(repository), oid }],
    folder: taken,
  };
}

const defaultRef = ({ defaultBranch }: Repository): string => `refs/heads/${defaultBranch}`;

/** No commit is older than the one before it, though a file may be. */
const later = (at: string, before: string | undefined): string =>
  before !== undefined && before > at ? before : at;

function writeFolder(draft: GitDraft, { files: contents }: ItemFolder): { tree: string; files: Files } {
  const files = new Map<string, FileEntry>();
  for (const [path, content] of contents) files.set(path, { mode: '100644', oid: draft.blob(content) });
  return { tree: draft.tree(files), files };
}

function applyChanges(
  files: Map<string, FileEntry>,
  { before, after }: { before: Files; after: Files },
): void {
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const entry = after.get(path);
    if (isSameEntry(before.get(path), entry)) continue;
    if (entry === undefined) files.delete(path);
    else files.set(path, entry);
  }
}

interface ImportedCommit {
  tree: string;
  parents: readonly string[];
  at: string;
  message: string;
}

function commitTree(draft: GitDraft, { at, ...commit }: ImportedCommit): string {
  const { name, email } = AUTHORING_TOOL;
  const by = { name, email, date: at };
  return draft.commit({ ...commit, author: by, committer: by });
}
