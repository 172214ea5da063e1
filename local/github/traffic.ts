import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ChargedQuery } from './limits/charges.ts';

/** How much came in, and how much of it was refused, since the start or the last `reset`. */
interface Usage {
  readonly restRequests: number;
  /** Points of the primary limit that queries cost; counted where there are no limits, too. */
  readonly graphqlPoints: number;
  /** Writes that create content, as the secondary limits count them. */
  readonly contentWrites: number;
  /** Answers with status 403, for whatever reason. */
  readonly forbidden: number;
  /** Answers with status 429. */
  readonly tooManyRequests: number;
  /** Limits told by GraphQL with status 200. */
  readonly limitedQueries: number;
  /** The most requests that were under way at one moment. */
  readonly mostInFlight: number;
}

export interface Traffic {
  /** Requests by route, as in `GET /repos/{owner}/{repo}/hooks`; unknown routes are one. */
  readonly requests: ReadonlyMap<string, number>;
  readonly mostInFlight: number;
  /** As it is now. */
  usage(): Usage;
  /** Begins to count anew. */
  reset(): void;
}

export interface TrafficCounter extends Traffic {
  arrived(request: FastifyRequest, reply: FastifyReply): void;
  created(): void;
  queried(query: ChargedQuery): void;
  queryLimited(): void;
}

const NOTHING: Usage = {
  restRequests: 0,
  graphqlPoints: 0,
  contentWrites: 0,
  forbidden: 0,
  tooManyRequests: 0,
  limitedQueries: 0,
  mostInFlight: 0,
};

export function createTrafficCounter(): TrafficCounter {
  const requests = new Map<string, number>();
  const usage = { ...NOTHING };
  let inFlight = 0;
  const answered = (status: number): void => {
    inFlight -= 1;
    if (status === 403) usage.forbidden += 1;
    if (status === 429) usage.tooManyRequests += 1;
  };
  return {
    requests,
    get mostInFlight() {
      return usage.mostInFlight;
    },
    usage: () => ({ ...usage }),
    arrived(request, reply) {
      const route = routeName(request);
      requests.set(route, (requests.get(route) ?? 0) + 1);
      if (request.routeOptions.config.resource !== 'graphql') usage.restRequests += 1;
      inFlight += 1;
      usage.mostInFlight = Math.max(usage.mostInFlight, inFlight);
      // Also comes when the connection breaks before the answer.
      reply.raw.once('close', () => answered(reply.raw.statusCode));
    },
    created() {
      usage.contentWrites += 1;
    },
    queried({ cost, createsContent }) {
      usage.graphqlPoints += cost;
      if (createsContent) usage.contentWrites += 1;
    },
    queryLimited() {
      usage.limitedQueries += 1;
    },
    reset() {
      requests.clear();
      Object.assign(usage, NOTHING, { mostInFlight: inFlight });
    },
  };
}

function routeName(request: FastifyRequest): string {
  const path = request.routeOptions.url;
  if (request.is404 || path === undefined) return 'unknown route';
  return `${request.method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;
}
