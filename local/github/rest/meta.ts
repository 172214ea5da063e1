import type { components } from '@octokit/openapi-types';
import type { FastifyInstance } from 'fastify';
import { callerOf } from '../callers.ts';
import { Refusal } from '../refusal.ts';
import { rootAnswer } from '../representations/root.ts';
import { baseUrl } from '../request.ts';

export function addMetaRoutes(app: FastifyInstance): void {
  const documentation =
    'https://docs.github.com/rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user';
  app.get(
    '/rate_limit',
    { config: { documentation, isUncounted: true } },
    async (request): Promise<components['schemas']['rate-limit-overview']> => {
      const { allowance } = callerOf(request);
      if (allowance === undefined) throw new Refusal(404, 'Rate limiting is not enabled.');
      const core = allowance.primary.status('core');
      const graphql = allowance.primary.status('graphql');
      const search = { limit: 30, used: 0, remaining: 30, reset: core.reset };
      return { resources: { core, graphql, search }, rate: core };
    },
  );
  app.get(
    '/',
    { config: { documentation: 'https://docs.github.com/rest/meta/meta#github-api-root' } },
    async (request) => rootAnswer(baseUrl(request)),
  );
  app.get(
    '/zen',
    { config: { documentation: 'https://docs.github.com/rest/meta/meta#get-the-zen-of-github' } },
    () => Promise.resolve('Keep it logically awesome.'),
  );
}
