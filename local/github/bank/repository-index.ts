import type { Repository, TransferredRepository } from './entities.ts';

export interface RepositoryIndex {
  readonly byId: ReadonlyMap<number, Repository>;
  readonly transferred: ReadonlyMap<number, TransferredRepository>;
  revision(): number;
  named(name: string): Repository | undefined;
  onceNamed(name: string): number | undefined;
  nextId(): number;
  write(repository: Repository): void;
  remove(repositoryId: number): void;
  transfer(repository: TransferredRepository): void;
}

export function indexRepositories(repositories: readonly Repository[]): RepositoryIndex {
  const byId = new Map(repositories.map((repository) => [repository.id, repository]));
  const transferred = new Map<number, TransferredRepository>();
  const idsByName = new Map(repositories.map(({ id, name }) => [name.toLowerCase(), id]));
  const idsByFormerName = new Map<string, number>();
  let lastId = repositories.reduce((highest, { id }) => Math.max(highest, id), 0);
  let revision = 0;

  const release = (repositoryId: number): void => {
    const name = byId.get(repositoryId)?.name.toLowerCase();
    if (name === undefined) return;
    idsByName.delete(name);
    idsByFormerName.set(name, repositoryId);
  };
  const exists = (id: number | undefined) => id !== undefined && (byId.has(id) || transferred.has(id));
  return {
    byId,
    transferred,
    revision: () => revision,
    named: (name) => byId.get(idsByName.get(name.toLowerCase()) ?? -1),
    onceNamed(name) {
      const id = idsByFormerName.get(name.toLowerCase());
      return exists(id) ? id : undefined;
    },
    nextId: () => lastId + 1,
    write(repository) {
      release(repository.id);
      byId.set(repository.id, repository);
      idsByName.set(repository.name.toLowerCase(), repository.id);
      // A reused name no longer leads to the repository that used to have it.
      idsByFormerName.delete(repository.name.toLowerCase());
      lastId = Math.max(lastId, repository.id);
      revision += 1;
    },
    remove(repositoryId) {
      release(repositoryId);
      byId.delete(repositoryId);
      revision += 1;
    },
    transfer(repository) {
      release(repository.id);
      byId.delete(repository.id);
      transferred.set(repository.id, repository);
      revision += 1;
    },
  };
}
