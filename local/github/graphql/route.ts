import type { FastifyInstance } from 'fastify';
import { callerOf } from '../callers.ts';
import { type ChargedQuery, chargeQuery, chargeTime } from '../limits/charges.ts';
import { timedOut } from '../limits/limit-refusals.ts';
import { baseUrl, bodyObject, isJsonObject } from '../request.ts';
import type { Site } from '../site.ts';
import type { GraphqlEngine } from './engine.ts';

export function addGraphqlRoute(app: FastifyInstance, site: Site): void {
  // Loaded by the first query, so that a server that is used only over REST need not load the schema.
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
  app.post('/graphql', { config }, async (request, reply) => {
    const { query, operationName, variables } = bodyObject(request);
    if (typeof query !== 'string') {
      return { errors: [{ message: 'A query attribute must be specified and must be a string.' }] };
    }
    engine ??= load();
    const answerQuery = await engine;
    let cost = 0;
    const charge = (charged: ChargedQuery): void => {
      chargeQuery(request, reply, charged);
      cost = charged.cost;
      site.traffic.queried(charged);
    };
    const { answer, ms } = await answerQuery(
      {
        query,
        operationName: typeof operationName === 'string' ? operationName : undefined,
        variables: isJsonObject(variables) ? variables : {},
      },
      { caller: callerOf(request), base: baseUrl(request), charge },
    );
    const run = chargeTime(request, { ms: site.latencyMs + ms, cost });
    site.traffic.computed(run.ms);
    if (run.ms > site.latencyMs) await site.wait(run.ms - site.latencyMs);
    if (run.isAborted) throw timedOut();
    return answer;
  });
}
