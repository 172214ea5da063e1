import type { components } from '@octokit/openapi-types';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Repository } from '../bank/entities.ts';
import { foreignOwner } from '../bank/foreign-owner.ts';
import { callerOf } from '../callers.ts';
import { fullRepository, minimalRepository } from '../representations/repository.ts';
import { baseUrl, bodyObject, pathId } from '../request.ts';
import type { Site } from '../site.ts';
import { transferRepository, updateRepository } from './repository-changes.ts';
import { REPOSITORY_PATHS, repositoryOf } from './repository-request.ts';

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
      const repository = repositoryOf(request, site);
      site.store.change({ type: 'repository-deleted', repositoryId: repository.id });
      site.deliveries.changed({ kind: 'deleted', repository });
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
 * A repository that was transferred to another owner, requested by id. An installation cannot see it, because it sees
 * only what its organization owns.
 */
function transferredAnswer(request: FastifyRequest, { store, transferred }: Site) {
  const repository = store.bank.transferred.get(pathId(request, 'repository_id'));
  const isHidden = transferred === 'hidden' || callerOf(request).kind === 'installation';
  if (repository === undefined || isHidden) return undefined;
  return fullRepository(repository, { organization: foreignOwner(repository), base: baseUrl(request) });
}
