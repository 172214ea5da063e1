import type { GitRepository } from './git-repository.ts';
import { type CommitObject, type GitObject, oidOf } from './objects.ts';
import { type Files, treesOf } from './trees.ts';

/** New objects of a repository, collected to be written together. */
export interface GitDraft {
  readonly objects: readonly GitObject[];
  blob(content: Buffer): string;
  add(object: GitObject): string;
  /** Adds the trees of these files, and returns the root's id. */
  tree(files: Files): string;
  commit(commit: Omit<CommitObject, 'type'>): string;
}

/** @param git existing objects, which are not written again. */
export function createDraft(git: GitRepository): GitDraft {
  const objects = new Map<string, GitObject>();
  const add = (object: GitObject): string => {
    const oid = oidOf(object);
    if (!git.has(oid)) objects.set(oid, object);
    return oid;
  };
  return {
    get objects() {
      return [...objects.values()];
    },
    add,
    blob: (content) => add({ type: 'blob', content: content.toString('base64') }),
    tree(files) {
      const { trees, root } = treesOf(files);
      for (const tree of trees) add(tree);
      return root;
    },
    commit: (commit) => add({ type: 'commit', ...commit }),
  };
}
