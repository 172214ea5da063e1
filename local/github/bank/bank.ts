/**
 * The state of the simulated organization, and the changes that make it. Everything that outlives a request is
 * here; a change is a plain value, so that the journal can hold it and a restart can apply it again.
 */

export interface Organization {
  readonly id: number;
  readonly nodeId: string;
  readonly login: string;
  readonly createdAt: string;
}

export interface Repository {
  readonly id: number;
  readonly nodeId: string;
  readonly name: string;
  readonly description: string | null;
  readonly private: boolean;
  readonly archived: boolean;
  readonly disabled: boolean;
  readonly defaultBranch: string;
  /** Kilobytes, as GitHub counts; 0 is an empty repository. */
  readonly size: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly pushedAt: string;
}

export interface HookConfig {
  readonly url: string;
  readonly content_type: 'json' | 'form';
  readonly insecure_ssl: '0' | '1';
  readonly secret?: string;
}

export interface Hook {
  readonly id: number;
  readonly active: boolean;
  readonly events: readonly string[];
  readonly config: HookConfig;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Status code of the last delivery; null before the first. */
  readonly lastResponseCode: number | null;
}

export type BankChange =
  | { readonly type: 'hook-written'; readonly repositoryId: number; readonly hook: Hook }
  | { readonly type: 'hook-deleted'; readonly repositoryId: number; readonly hookId: number }
  | { readonly type: 'repository-written'; readonly repository: Repository };

export interface Bank {
  readonly organization: Organization;
  readonly repositories: ReadonlyMap<number, Repository>;
  /** Goes up with every change of a repository, so that what is derived from all of them can be kept until then. */
  readonly repositoriesRevision: number;
  repositoryNamed(owner: string, name: string): Repository | undefined;
  /** Oldest first, as GitHub lists them. */
  hooksOf(repositoryId: number): readonly Hook[];
  nextHookId(): number;
  apply(change: BankChange): void;
}

export interface BankContents {
  organization: Organization;
  repositories: readonly Repository[];
  hooks: ReadonlyMap<number, readonly Hook[]>;
}

export function createBank({ organization, repositories, hooks }: BankContents): Bank {
  const repositoryIndex = indexRepositories(repositories);
  const hookIndex = indexHooks(hooks);
  return {
    organization,
    repositories: repositoryIndex.byId,
    get repositoriesRevision() {
      return repositoryIndex.revision();
    },
    repositoryNamed(owner, name) {
      const isOurs = owner.toLowerCase() === organization.login.toLowerCase();
      return isOurs ? repositoryIndex.named(name) : undefined;
    },
    hooksOf: hookIndex.of,
    nextHookId: hookIndex.nextId,
    apply(change) {
      switch (change.type) {
        case 'hook-written':
          return hookIndex.write(change.repositoryId, change.hook);
        case 'hook-deleted':
          return hookIndex.remove(change.repositoryId, change.hookId);
        case 'repository-written':
          return repositoryIndex.write(change.repository);
        default:
          return assertNever(change);
      }
    },
  };
}

function indexRepositories(repositories: readonly Repository[]) {
  const byId = new Map(repositories.map((repository) => [repository.id, repository]));
  const idsByName = new Map(repositories.map(({ id, name }) => [name.toLowerCase(), id]));
  let revision = 0;
  return {
    byId,
    revision: () => revision,
    named: (name: string) => byId.get(idsByName.get(name.toLowerCase()) ?? -1),
    write(repository: Repository): void {
      const before = byId.get(repository.id);
      if (before !== undefined) idsByName.delete(before.name.toLowerCase());
      byId.set(repository.id, repository);
      idsByName.set(repository.name.toLowerCase(), repository.id);
      revision += 1;
    },
  };
}

function indexHooks(initial: ReadonlyMap<number, readonly Hook[]>) {
  const byRepository = new Map(initial);
  const of = (repositoryId: number): readonly Hook[] => byRepository.get(repositoryId) ?? [];
  const without = (repositoryId: number, hookId: number) =>
    of(repositoryId).filter(({ id }) => id !== hookId);
  // Not the highest that is there: the id of a deleted hook is never given again.
  let lastId = [...initial.values()].flat().reduce((highest, { id }) => Math.max(highest, id), 0);
  return {
    of,
    nextId: () => lastId + 1,
    write(repositoryId: number, hook: Hook): void {
      const hooks = [...without(repositoryId, hook.id), hook].sort((a, b) => a.id - b.id);
      byRepository.set(repositoryId, hooks);
      lastId = Math.max(lastId, hook.id);
    },
    remove(repositoryId: number, hookId: number): void {
      byRepository.set(repositoryId, without(repositoryId, hookId));
    },
  };
}

function assertNever(change: never): never {
  throw new Error(`The journal holds a change that this version does not know: ${JSON.stringify(change)}`);
}

/** GitHub's timestamps carry no fractions of a second. */
export function timestamp(at: Date): string {
  return at.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
