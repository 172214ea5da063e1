import type { components } from '@octokit/openapi-types';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Repository } from '../bank/entities.ts';
import type { Direction, RepositorySort } from '../bank/repository-order.ts';
import { callerOf, seenBy } from '../callers.ts';
import { linkHeader, pageOf, parsePageRequest } from '../pagination.ts';
import { notFound } from '../refusal.ts';
import { fullOrganization, publicOrganization } from '../representations/account.ts';
import { minimalRepository } from '../representations/repository.ts';
import { baseUrl, bodyObject, pathId, pathParameter, queryParameter } from '../request.ts';
import type { Site } from '../site.ts';
import { repositoryAnswer } from './repositories.ts';
import { createRepository } from './repository-changes.ts';

type MinimalRepository = components['schemas']['minimal-repository'];

/** An organization can be addressed by login, and by id, as in GitHub's links. */
export const ORGANIZATION_PATHS = ['/orgs/:org', '/organizations/:organization_id'];

export function addOrganizationRoutes(app: FastifyInstance, site: Site): void {
  for (const path of ORGANIZATION_PATHS) {
    app.get(
      path,
      { config: { documentation: 'https://docs.github.com/rest/orgs/orgs#get-an-organization' } },
      async (request) => {
        assertOurs(request, site);
        const { role, scopes } = callerOf(request);
        const isShownAll = role === 'admin' && (scopes === undefined || scopes.includes('admin:org'));
        const organization = isShownAll ? fullOrganization : publicOrganization;
        return organization(site.store.bank, baseUrl(request));
      },
    );
    app.get(
      `${path}/repos`,
      {
        config: {
          documentation: 'https://docs.github.com/rest/repos/repos#list-organization-repositories',
        },
      },
      async (request, reply) => {
        assertOurs(request, site);
        return listRepositories(request, reply, site);
      },
    );
    app.post(
      `${path}/repos`,
      {
        config: {
          documentation: 'https://docs.github.com/rest/repos/repos#create-an-organization-repository',
          createsContent: true,
        },
      },
      async (request, reply) => {
        assertOurs(request, site);
        const answer = repositoryAnswer(request, createRepository(bodyObject(request), site), site);
        return reply.code(201).header('location', answer.url).send(answer);
      },
    );
  }
}

/** @throws Refusal 404 when the request is about another organization */
export function assertOurs(request: FastifyRequest, { store }: Site): void {
  const { login, id } = store.bank.organization;
  const isNamed = pathParameter(request, 'org').toLowerCase() === login.toLowerCase();
  if (!isNamed && pathId(request, 'organization_id') !== id) throw notFound();
}

/** The URL of the request, starting with `/organizations/{id}` instead of the login. */
export function organizationPathById({ url }: FastifyRequest, { store }: Site): string {
  const { id } = store.bank.organization;
  return url.replace(/^\/(?:orgs|organizations)\/[^/?]+/, `/organizations/${id}`);
}

function listRepositories(request: FastifyRequest, reply: FastifyReply, site: Site): MinimalRepository[] {
  const { organization } = site.store.bank;
  const base = baseUrl(request);
  const sort = SORTS.find((known) => known === queryParameter(request, 'sort')) ?? 'created';
  const ordered = site.repositoriesInOrder(sort, parseDirection(queryParameter(request, 'direction'), sort));
  const repositories = ofType(seenBy(callerOf(request), ordered), queryParameter(request, 'type') ?? 'all');

  const page = parsePageRequest({
    page: queryParameter(request, 'page'),
    per_page: queryParameter(request, 'per_page'),
  });
  const url = new URL(organizationPathById(request, site), base);
  const link = linkHeader(url, page, repositories.length);
  if (link !== undefined) reply.header('link', link);
  return pageOf(repositories, page).map((repository) =>
    minimalRepository(repository, { organization, base }),
  );
}

const SORTS: readonly RepositorySort[] = ['created', 'updated', 'pushed', 'full_name'];

/** The default is ascending for names, and descending for dates. */
function parseDirection(text: string | undefined, sort: RepositorySort): Direction {
  if (text === 'asc' || text === 'desc') return text;
  return sort === 'full_name' ? 'asc' : 'desc';
}

/** The bank has no forks, so `sources` means all repositories. */
function ofType(repositories: readonly Repository[], type: string): readonly Repository[] {
  switch (type) {
    case 'public':
      return repositories.filter((repository) => !repository.private);
    case 'private':
      return repositories.filter((repository) => repository.private);
    case 'forks':
      return [];
    default:
      return repositories;
  }
}
