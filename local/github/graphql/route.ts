import type { FastifyInstance } from 'fastify';
import { baseUrl, bodyObject, isJsonObject } from '../request.ts';
import type { Site } from '../site.ts';
import type { GraphqlEngine } from './engine.ts';

export function addGraphqlRoute(app: FastifyInstance, site: Site): void {
  // Built by the first query, because a server that is only asked over REST shall not wait for the schema.
  let engine: Promise<GraphqlEngine> | undefined;
  const load = async (): Promise<GraphqlEngine> => {
    const { createGraphqlEngine } = await import('./engine.ts');
    return createGraphqlEngine(site);
  };

  const config = {
    documentation: 'https://docs.github.com/graphql',
    resource: 'graphql',
    isUncounted: true,
  } as const;
  app.post('/graphql', { config }, async (request) => {
    const { query, operationName, variables } = bodyObject(request);
    if (typeof query !== 'string') {
      return { errors: [{ message: 'A query attribute must be specified and must be a string.' }] };
    }
    engine ??= load();
    const answer = await engine;
    return answer(
      {
        query,
        operationName: typeof operationName === 'string' ? operationName : undefined,
        variables: isJsonObject(variables) ? variables : {},
      },
      baseUrl(request),
    );
  });
}
