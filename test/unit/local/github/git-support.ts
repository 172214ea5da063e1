import { createDraft } from '../../../../local/github/bank/git/draft.ts';
import { createGitRepository } from '../../../../local/github/bank/git/git-repository.ts';
import type { FileEntry } from '../../../../local/github/bank/git/trees.ts';

export interface Step {
  parents?: readonly string[];
  /** Seconds after the beginning of 2026. */
  at: number;
  files: Readonly<Record<string, string>>;
  /** The paths of executable files. */
  executable?: readonly string[];
}

/** A repository built commit by commit. */
export function createScratchRepository() {
  const git = createGitRepository();
  return {
    git,
    commit({ parents = [], at, files, executable = [] }: Step): string {
      const draft = createDraft(git);
      const entries = Object.entries(files).map(([path, text]): [string, FileEntry] => [
        path,
        { mode: executable.includes(path) ? '100755' : '100644', oid: draft.blob(Buffer.from(text)) },
      ]);
      const date = new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString().replace('.000Z', 'Z');
      const by = { name: 'Greta Lindqvist', email: 'greta@example.org', date };
      const tree = draft.tree(new Map(entries));
      const oid = draft.commit({ tree, parents, author: by, committer: by, message: `at ${at}` });
      for (const object of draft.objects) git.add(object);
      return oid;
    },
  };
}
