import type { components } from '@octokit/openapi-types';
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../refusal.ts';
import type { Site } from '../site.ts';

export function addMetaRoutes(app: FastifyInstance, { limits }: Site): void {
  const documentation =
    'https://docs.github.com/rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user';
  app.get(
    '/rate_limit',
    { config: { documentation, isUncounted: true } },
    async (): Promise<components['schemas']['rate-limit-overview']> => {
      if (limits === undefined) throw new Refusal(404, 'Rate limiting is not enabled.');
      const core = limits.status('core');
      const graphql = limits.status('graphql');
      const search = { limit: 30, used: 0, remaining: 30, reset: core.reset };
      return { resources: { core, graphql, search }, rate: core };
    },
  );
  app.get(
    '/zen',
    { config: { documentation: 'https://docs.github.com/rest/meta/meta#get-the-zen-of-github' } },
    () => Promise.resolve('Keep it logically awesome.'),
  );
}
