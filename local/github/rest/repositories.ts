import type { components } from '@octokit/openapi-types';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Repository } from '../bank/bank.ts';
import { nodeId } from '../bank/node-id.ts';
import { Moved, notFound } from '../refusal.ts';
import { fullRepository, minimalRepository } from '../representations/repository.ts';
import { baseUrl, bodyObject, pathId, pathParameter } from '../request.ts';
import type { Site } from '../site.ts';
import { placeById } from './git-request.ts';
import { transferRepository, updateRepository } from './repository-changes.ts';

/** By name, and by id, which GitHub serves for whoever keeps ids; names change. */
export const REPOSITORY_PATHS = ['/repos/:owner/:repo', '/repositories/:repository_id'];

const documented = (anchor: string) => ({
  config: { documentation: `https://docs.github.com/rest/repos/repos#${anchor}` },
});

export function addRepositoryRoutes(app: FastifyInstance, site: Site): void {
  for (const path of REPOSITORY_PATHS) {
    app.get(path, documented('get-a-repository'), async (request) => {
      return transferredAnswer(request, site) ?? repositoryAnswer(request, repositoryOf(request, site), site);
    });
    app.patch(path, documented('update-a-repository'), async (request) => {
      const changed = updateRepository(bodyObject(request), repositoryOf(request, site), site);
      return repositoryAnswer(request, changed, site);
    });
    app.delete(path, documented('delete-a-repository'), async (request, reply) => {
      const { id: repositoryId } = repositoryOf(request, site);
      site.store.change({ type: 'repository-deleted', repositoryId });
      return reply.code(204).send();
    });
    app.post(`${path}/transfer`, documented('transfer-a-repository'), async (request, reply) => {
      const repository = repositoryOf(request, site);
      const { organization } = site.store.bank;
      const answer = minimalRepository(repository, { organization, base: baseUrl(request) });
      transferRepository(bodyObject(request), repository, site);
      return reply.code(202).send(answer);
    });
  }
}

export function repositoryAnswer(
  request: FastifyRequest,
  repository: Repository,
  { store }: Site,
): components['schemas']['full-repository'] {
  return fullRepository(repository, { organization: store.bank.organization, base: baseUrl(request) });
}

/**
 * @throws Refusal 404 when the bank has no such repository.
 * @throws Moved when it had that name before.
 */
export function repositoryOf(request: FastifyRequest, { store: { bank } }: Site): Repository {
  const [owner, name] = [pathParameter(request, 'owner'), pathParameter(request, 'repo')];
  const repository =
    bank.repositories.get(pathId(request, 'repository_id')) ?? bank.repositoryNamed(owner, name);
  if (repository !== undefined) return repository;
  const id = bank.repositoryOnceNamed(owner, name);
  if (id === undefined) throw notFound();
  throw new Moved(new URL(placeById(request, id), baseUrl(request)).href);
}

/** By its id, a repository that left for another owner is still answered, if the token sees it there. */
function transferredAnswer(request: FastifyRequest, { store, transferred }: Site) {
  const repository = store.bank.transferred.get(pathId(request, 'repository_id'));
  if (repository === undefined || transferred === 'hidden') return undefined;
  const { owner: login, createdAt } = repository;
  // The simulation knows no other accounts: the id is any, and the same for the same login.
  const id = 50_000_000 + Buffer.from(login).reduce((sum, byte) => (sum * 31 + byte) % 9_999_991, 7);
  const organization = { id, nodeId: nodeId({ type: 'Organization', databaseId: id }), login, createdAt };
  return fullRepository(repository, { organization, base: baseUrl(request) });
}
