import type { Bank } from './bank.ts';
import type { Repository } from './entities.ts';

export type RepositorySort = 'created' | 'updated' | 'pushed' | 'full_name';
export type Direction = 'asc' | 'desc';

/** The sort keys. Timestamps in the same format sort as text. */
export const SORT_KEYS: Record<RepositorySort, (repository: Repository) => string> = {
  created: ({ createdAt }) => createdAt,
  updated: ({ updatedAt }) => updatedAt,
  pushed: ({ pushedAt }) => pushedAt,
  full_name: ({ name }) => name.toLowerCase(),
};

export interface Position {
  key: string;
  id: number;
}

/** Equal keys are sorted by id, so that no repository is on two pages. */
export function comparePositions(a: Position, b: Position): number {
  if (a.key === b.key) return a.id - b.id;
  return a.key < b.key ? -1 : 1;
}

export type RepositoriesInOrder = (sort: RepositorySort, direction: Direction) => readonly Repository[];

/** Caches each order until a repository changes, so that a listing of 1,000 pages does not sort 1,000 times. */
export function createRepositoryOrder(bank: Bank): RepositoriesInOrder {
  const cache = new Map<string, { revision: number; repositories: readonly Repository[] }>();
  return (sort, direction) => {
    const name = `${sort} ${direction}`;
    const cached = cache.get(name);
    if (cached?.revision === bank.repositoriesRevision) return cached.repositories;
    const repositories = sortRepositories([...bank.repositories.values()], sort, direction);
    cache.set(name, { revision: bank.repositoriesRevision, repositories });
    return repositories;
  };
}

function sortRepositories(
  repositories: Repository[],
  sort: RepositorySort,
  direction: Direction,
): Repository[] {
  const keyOf = SORT_KEYS[sort];
  const sign = direction === 'asc' ? 1 : -1;
  const positioned = repositories.map((repository) => ({
    repository,
    key: keyOf(repository),
    id: repository.id,
  }));
  return positioned.sort((a, b) => sign * comparePositions(a, b)).map(({ repository }) => repository);
}
