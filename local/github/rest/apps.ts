import type { components } from '@octokit/openapi-types';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { timestamp } from '../bank/entities.ts';
import { callerOf, seenBy } from '../callers.ts';
import { linkHeader, pageOf, parsePageRequest } from '../pagination.ts';
import { notFound, notSimulated } from '../refusal.ts';
import {
  type AppContext,
  appAnswer,
  installationAnswer,
  selectionOf,
  tokenAnswer,
} from '../representations/app.ts';
import { installationRepository } from '../representations/repository.ts';
import { baseUrl, bodyObject, pathId, queryParameter } from '../request.ts';
import type { Site } from '../site.ts';
import { assertOurs } from './organizations.ts';

interface InstallationRepositories {
  total_count: number;
  repository_selection: string;
  repositories: components['schemas']['repository'][];
}

const forApp = (page: string) =>
  ({ config: { documentation: `https://docs.github.com/rest/apps/${page}`, onlyFor: 'app' } }) as const;

export function addAppRoutes(app: FastifyInstance, site: Site): void {
  app.get('/app', forApp('apps#get-the-authenticated-app'), async (request) =>
    appAnswer(contextOf(request, site)),
  );
  app.get(
    '/app/installations',
    forApp('apps#list-installations-for-the-authenticated-app'),
    async (request) => [installationAnswer(contextOf(request, site))],
  );
  app.get(
    '/orgs/:org/installation',
    forApp('apps#get-an-organization-installation-for-the-authenticated-app'),
    async (request) => {
      assertOurs(request, site);
      return installationAnswer(contextOf(request, site));
    },
  );
  addTokens(app, site);
  addInstallationRepositories(app, site);
}

/** Parameters that restrict a token. */
const RESTRICTIONS = ['repositories', 'repository_ids', 'permissions'];

function addTokens(app: FastifyInstance, site: Site): void {
  const options = forApp('apps#create-an-installation-access-token-for-an-app');
  app.post('/app/installations/:installation_id/access_tokens', options, async (request, reply) => {
    const installed = contextOf(request, site).app;
    if (pathId(request, 'installation_id') !== installed.installationId) throw notFound();
    const body = bodyObject(request);
    const restriction = RESTRICTIONS.find((name) => body[name] !== undefined);
    if (restriction !== undefined) throw notSimulated(`tokens restricted by ${restriction}`);
    const { token, expiresAt } = installed.tokens.issue();
    return reply.code(201).send(tokenAnswer(installed, { token, expiresAt: timestamp(expiresAt) }));
  });
}

function addInstallationRepositories(app: FastifyInstance, site: Site): void {
  const documentation =
    'https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-app-installation';
  const config = { documentation, onlyFor: 'installation' } as const;
  app.get('/installation/repositories', { config }, async (request, reply) => {
    const { app: installed, ...context } = contextOf(request, site);
    const seen = seenBy(callerOf(request), site.repositoriesInOrder('created', 'asc'));
    const page = parsePageRequest({
      page: queryParameter(request, 'page'),
      per_page: queryParameter(request, 'per_page'),
    });
    const link = linkHeader(new URL(request.url, context.base), page, seen.length);
    if (link !== undefined) reply.header('link', link);
    const repositories = pageOf(seen, page).map((repository) => installationRepository(repository, context));
    const answer: InstallationRepositories = {
      total_count: seen.length,
      repository_selection: selectionOf(installed),
      repositories,
    };
    return answer;
  });
}

/** The App is always installed here, because its routes accept only its JWT and its installation's tokens. */
function contextOf(request: FastifyRequest, { app, store }: Site): AppContext {
  if (app === undefined) throw notFound();
  return { app, organization: store.bank.organization, base: baseUrl(request) };
}
