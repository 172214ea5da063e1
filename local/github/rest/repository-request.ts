import type { FastifyRequest } from 'fastify';
import type { Repository } from '../bank/entities.ts';
import { callerOf, isSeenBy } from '../callers.ts';
import { Moved, notFound } from '../refusal.ts';
import { baseUrl, pathId, pathParameter } from '../request.ts';
import type { Site } from '../site.ts';

/** A repository can be addressed by name, and by id, which does not change. */
export const REPOSITORY_PATHS = ['/repos/:owner/:repo', '/repositories/:repository_id'];

/**
 * @throws Refusal 404 when the repository does not exist, or the caller cannot see it.
 * @throws Moved when a repository used to have that name.
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
  throw new Moved(new URL(pathById(request, id), baseUrl(request)).href);
}

/** The URL of the request, starting with `/repositories/{id}` instead of the name. */
export function pathById({ url }: FastifyRequest, repositoryId: number): string {
  return url.replace(/^\/(?:repos\/[^/?]+\/[^/?]+|repositories\/[^/?]+)/, `/repositories/${repositoryId}`);
}
