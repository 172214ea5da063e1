import type { FastifyRequest } from 'fastify';
import type { Repository } from '../bank/entities.ts';
import { callerOf, isSeenBy } from '../callers.ts';
import { Moved, notFound } from '../refusal.ts';
import { baseUrl, pathId, pathParameter } from '../request.ts';
import type { Site } from '../site.ts';

/** By name, and by id, which GitHub serves for whoever keeps ids; names change. */
export const REPOSITORY_PATHS = ['/repos/:owner/:repo', '/repositories/:repository_id'];

/**
 * @throws Refusal 404 when the bank has no such repository, or the caller does not see it.
 * @throws Moved when it had that name before.
 */
export function repositoryOf(request: FastifyRequest, { store: { bank } }: Site): Repository {
  const [owner, name] = [pathParameter(request, 'owner'), pathParameter(request, 'repo')];
  const repository =
    bank.repositories.get(pathId(request, 'repository_id')) ?? bank.repositoryNamed(owner, name);
  if (repository !== undefined) {
    if (!isSeenBy(callerOf(request), repository.id)) throw notFound();
    return repository;
  }
  const id = bank.repositoryOnceNamed(owner, name);
  if (id === undefined || !isSeenBy(callerOf(request), id)) throw notFound();
  throw new Moved(new URL(placeById(request, id), baseUrl(request)).href);
}

/** The same place under `/repositories/{id}`, with its query. */
export function placeById({ url }: FastifyRequest, repositoryId: number): string {
  return url.replace(/^\/(?:repos\/[^/?]+\/[^/?]+|repositories\/[^/?]+)/, `/repositories/${repositoryId}`);
}
