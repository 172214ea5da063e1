import type { BankChange } from './bank.ts';
import type { BlobFiles } from './blob-files.ts';
import type { Repository } from './entities.ts';
import { createDraft, type GitDraft } from './git/draft.ts';
import { createGitRepository, type GitRepository } from './git/git-repository.ts';
import { type FileEntry, type Files, filesOf, isSameEntry, treesOf } from './git/trees.ts';
import type { ItemFolder } from './item-folders.ts';
import { AUTHORING_TOOL } from './items/people.ts';

type GitWritten = Extract<BankChange, { type: 'git-written' }>;

/** The tree of the folder's files, as they were when they were hashed. */
export function treeOfFolder({ files }: ItemFolder): string {
  const entries = [...files].map(([path, { oid }]) => [path, { mode: '100644', oid }] as const);
  return treesOf(new Map(entries)).root;
}

/** The first commit of a new repository, with all files of the folder. */
export function firstCommit(repository: Repository, itemFolder: ItemFolder, blobs: BlobFiles): GitWritten {
  const git = createGitRepository();
  const draft = createDraft(git);
  const { tree } = writeFolder({ git, draft, blobs }, itemFolder);
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
  /** The folder's tree when it was last read. */
  tree: string;
}

/** Commits the changes in the folder since it was last read, on top of the current state of the repository. */
export function nextCommit(
  { repository, git, tree: before }: KnownFolder,
  itemFolder: ItemFolder,
  blobs: BlobFiles,
): GitWritten {
  const draft = createDraft(git);
  const folder = writeFolder({ git, draft, blobs }, itemFolder);
  const head = git.commit(git.refs.get(defaultRef(repository)) ?? '');
  const files = head === undefined ? new Map<string, FileEntry>() : filesOf(git, head.tree);
  applyChanges(files, { before: filesOf(git, before), after: folder.files });
  const tree = draft.tree(files);
  const imported = { name: itemFolder.name, tree: folder.tree };
  // Someone else may have committed the same changes.
  if (tree === head?.tree) {
    return { type: 'git-written', repository, objects: draft.objects, refs: [], folder: imported };
  }
  const parents = head === undefined ? [] : [head.oid];
  // Commit dates must not decrease, but a file can be older than the last commit.
  const headDate = head?.committer.date ?? '';
  const at = headDate > itemFolder.changedAt ? headDate : itemFolder.changedAt;
  const oid = commitTree(draft, { tree, parents, at, message: 'Import the changed item' });
  return {
    type: 'git-written',
    repository: { ...repository, updatedAt: at, pushedAt: at },
    objects: draft.objects,
    refs: [{ name: defaultRef(repository), oid }],
    folder: imported,
  };
}

const defaultRef = ({ defaultBranch }: Repository): string => `refs/heads/${defaultBranch}`;

interface FolderWrite {
  git: GitRepository;
  draft: GitDraft;
  blobs: BlobFiles;
}

/** Reads the files that the repository does not have yet. */
function writeFolder(
  { git, draft, blobs }: FolderWrite,
  { files: hashed }: ItemFolder,
): { tree: string; files: Files } {
  const files = new Map<string, FileEntry>();
  for (const [path, file] of hashed) {
    const oid = git.has(file.oid) ? file.oid : draft.add(blobs.importFile(file));
    files.set(path, { mode: '100644', oid });
  }
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
