import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Repository, timestamp } from '../bank/bank.ts';
import { notFound, Refusal, validationFailed } from '../refusal.ts';
import { fullRepository } from '../representations/repository.ts';
import { baseUrl, bodyObject, pathId, pathParameter } from '../request.ts';
import type { Site } from '../site.ts';

/** By name, and by id, which GitHub serves for whoever keeps ids; names change. */
export const REPOSITORY_PATHS = ['/repos/:owner/:repo', '/repositories/:repository_id'];

export function addRepositoryRoutes(app: FastifyInstance, site: Site): void {
  const answer = (request: FastifyRequest, repository: Repository) =>
    fullRepository(repository, { organization: site.store.bank.organization, base: baseUrl(request) });

  for (const path of REPOSITORY_PATHS) {
    app.get(
      path,
      { config: { documentation: 'https://docs.github.com/rest/repos/repos#get-a-repository' } },
      async (request) => answer(request, repositoryOf(request, site)),
    );
    app.patch(
      path,
      { config: { documentation: 'https://docs.github.com/rest/repos/repos#update-a-repository' } },
      async (request) => {
        const repository = updateRepository(request, repositoryOf(request, site), site);
        return answer(request, repository);
      },
    );
  }
}

/** @throws Refusal 404 when the bank has no such repository. */
export function repositoryOf(request: FastifyRequest, { store }: Site): Repository {
  const repository =
    store.bank.repositories.get(pathId(request, 'repository_id')) ??
    store.bank.repositoryNamed(pathParameter(request, 'owner'), pathParameter(request, 'repo'));
  if (repository === undefined) throw notFound();
  return repository;
}

/** @throws Refusal 403 as GitHub answers any write to an archived repository. */
export function assertWritable(repository: Repository): void {
  if (repository.archived) throw new Refusal(403, 'Repository was archived so is read-only.');
}

/** Archiving and bringing back; no other setting of a repository can be changed here, and asking is an error. */
function updateRepository(request: FastifyRequest, repository: Repository, site: Site): Repository {
  const { archived, name = repository.name, ...others } = bodyObject(request);
  const unknown = Object.keys(name === repository.name ? others : { name, ...others });
  if (typeof archived !== 'boolean' || unknown.length > 0) {
    const message = `The simulated GitHub changes archived only, not ${unknown.join(', ') || 'this'}`;
    throw validationFailed({ resource: 'Repository', code: 'custom', message });
  }
  const changed = { ...repository, archived, updatedAt: timestamp(site.now()) };
  site.store.change({ type: 'repository-written', repository: changed });
  return changed;
}
