/**
 * The state of the simulated organization, and the changes to it. Everything that outlives a request is here. A change
 * is a plain value, so that the journal can store it and a restart can apply it again.
 */

import { BankError } from './bank-error.ts';
import type { BlobReader } from './blob-files.ts';
import type { Hook, HookOwner, Organization, Repository, TransferredRepository } from './entities.ts';
import type { GitRepository } from './git/git-repository.ts';
import { createHistories, type GitWrite, type HistoryOrigin } from './git/histories.ts';
import { indexHooks } from './hook-index.ts';
import { indexRepositories } from './repository-index.ts';

export type BankChange =
  | { readonly type: 'hook-written'; readonly repositoryId: number; readonly hook: Hook }
  | { readonly type: 'hook-deleted'; readonly repositoryId: number; readonly hookId: number }
  | { readonly type: 'organization-hook-written'; readonly hook: Hook }
  | { readonly type: 'organization-hook-deleted'; readonly hookId: number }
  | { readonly type: 'repository-written'; readonly repository: Repository }
  | { readonly type: 'repository-deleted'; readonly repositoryId: number }
  | { readonly type: 'repository-transferred'; readonly repository: TransferredRepository }
  /** A push and the resulting repository, in one line of the journal, so that a kill keeps both or neither. */
  | ({
      readonly type: 'git-written';
      readonly repository: Repository;
      /** The folder that the push was imported from, if any. */
      readonly folder?: ImportedFolder;
    } & GitWrite)
  | { readonly type: 'folder-forgotten'; readonly name: string };

interface ImportedFolder {
  readonly name: string;
  /** The tree of the imported files; the repository may have changed since. */
  readonly tree: string;
}

export interface Bank {
  readonly organization: Organization;
  readonly repositories: ReadonlyMap<number, Repository>;
  /** Increases with every change of a repository, so that values derived from all of them can be cached. */
  readonly repositoriesRevision: number;
  /** Repositories that have left the organization, by id. */
  readonly transferred: ReadonlyMap<number, TransferredRepository>;
  repositoryNamed(owner: string, name: string): Repository | undefined;
  /** The id of the repository that used to have this name, unless another repository has it now. */
  repositoryOnceNamed(owner: string, name: string): number | undefined;
  nextRepositoryId(): number;
  /** The objects and refs of a repository, which only `apply` changes. */
  gitOf(repositoryId: number): GitRepository;
  /** Oldest first, like on GitHub. */
  hooksOf(owner: HookOwner): readonly Hook[];
  nextHookId(): number;
  /** The folders that repositories were imported from, by name. */
  readonly folders: ReadonlyMap<string, ImportedFolder & { readonly repositoryId: number }>;
  apply(change: BankChange): void;
}

export interface BankContents {
  organization: Organization;
  repositories: readonly Repository[];
  hooks: ReadonlyMap<number, readonly Hook[]>;
  history?: HistoryOrigin;
  /** Reads the contents of stored blobs. */
  readBlob?: BlobReader;
}

export function createBank({ organization, repositories, hooks, history, readBlob }: BankContents): Bank {
  const repositoryIndex = indexRepositories(repositories);
  const hookIndex = indexHooks(hooks);
  const histories = createHistories(history ?? (() => undefined), readBlob);
  const folders = new Map<string, ImportedFolder & { repositoryId: number }>();
  const isOurs = (owner: string): boolean => owner.toLowerCase() === organization.login.toLowerCase();
  return {
    organization,
    repositories: repositoryIndex.byId,
    transferred: repositoryIndex.transferred,
    get repositoriesRevision() {
      return repositoryIndex.revision();
    },
    repositoryNamed: (owner, name) => (isOurs(owner) ? repositoryIndex.named(name) : undefined),
    repositoryOnceNamed: (owner, name) => (isOurs(owner) ? repositoryIndex.onceNamed(name) : undefined),
    nextRepositoryId: repositoryIndex.nextId,
    gitOf: histories.of,
    hooksOf: hookIndex.of,
    nextHookId: hookIndex.nextId,
    folders,
    apply(change) {
      switch (change.type) {
        case 'hook-written':
          return hookIndex.write(change.repositoryId, change.hook);
        case 'hook-deleted':
          return hookIndex.remove(change.repositoryId, change.hookId);
        case 'organization-hook-written':
          return hookIndex.write('organization', change.hook);
        case 'organization-hook-deleted':
          return hookIndex.remove('organization', change.hookId);
        case 'repository-written':
          return repositoryIndex.write(change.repository);
        case 'repository-deleted':
          repositoryIndex.remove(change.repositoryId);
          hookIndex.forget(change.repositoryId);
          return histories.forget(change.repositoryId);
        case 'repository-transferred':
          repositoryIndex.transfer(change.repository);
          return hookIndex.forget(change.repository.id);
        case 'git-written':
          repositoryIndex.write(change.repository);
          if (change.folder !== undefined) {
            folders.set(change.folder.name, { ...change.folder, repositoryId: change.repository.id });
          }
          return histories.write(change.repository.id, change);
        case 'folder-forgotten':
          return void folders.delete(change.name);
        default:
          return assertNever(change);
      }
    },
  };
}

function assertNever(change: never): never {
  throw new BankError(
    `The journal contains a change that this version does not know: ${JSON.stringify(change)}.`,
    { isDamaged: true },
  );
}
