import type { FastifyInstance } from 'fastify';
import { addGraphqlRoute } from './graphql/route.ts';
import { addAppRoutes } from './rest/apps.ts';
import { addCommitRoutes } from './rest/commits.ts';
import { addContentRoutes } from './rest/contents.ts';
import { addGitDataRoutes } from './rest/git-data.ts';
import { addHookDeliveryRoutes } from './rest/hook-deliveries.ts';
import { addHookRoutes } from './rest/hooks.ts';
import { addMergeRoutes } from './rest/merges.ts';
import { addMetaRoutes } from './rest/meta.ts';
import { addOrganizationRoutes } from './rest/organizations.ts';
import { addRefRoutes } from './rest/refs.ts';
import { addRepositoryRoutes } from './rest/repositories.ts';
import { addUserRoutes } from './rest/users.ts';
import type { Site } from './site.ts';

const ALL = [
  addMetaRoutes,
  addAppRoutes,
  addOrganizationRoutes,
  addUserRoutes,
  addRepositoryRoutes,
  addCommitRoutes,
  addContentRoutes,
  addGitDataRoutes,
  addRefRoutes,
  addMergeRoutes,
  addHookRoutes,
  addHookDeliveryRoutes,
  addGraphqlRoute,
];

export function addRoutes(app: FastifyInstance, site: Site): void {
  for (const add of ALL) add(app, site);
}
