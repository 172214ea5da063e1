import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ChargedQuery } from './limits/charges.ts';

/** Counts since the start or the last `reset`. */
interface Usage {
  readonly restRequests: number;
  /** The cost of all queries in points of the primary limit, also when limits are off. */
  readonly graphqlPoints: number;
  /** How long all queries took together, also when limits are off. */
  readonly computingMs: number;
  /** Content-creating writes, as the secondary limits count them. */
  readonly contentWrites: number;
  /** Answers with status 403, for any reason. */
  readonly forbidden: number;
  /** Answers with status 429. */
  readonly tooManyRequests: number;
  /** Answers with status 502, such as those to queries that took too long. */
  readonly badGateways: number;
  /** Exceeded limits that GraphQL reported with status 200. */
  readonly limitedQueries: number;
  /** The highest number of concurrent requests. */
  readonly mostInFlight: number;
}

export interface Traffic {
  /** Requests by route, such as `GET /repos/{owner}/{repo}/hooks`. All unknown routes count as one. */
  readonly requests: ReadonlyMap<string, number>;
  readonly mostInFlight: number;
  /** A snapshot of the counts. */
  usage(): Usage;
  /** Sets all counts to zero. */
  reset(): void;
}

export interface TrafficCounter extends Traffic {
  arrived(request: FastifyRequest, reply: FastifyReply): void;
  created(): void;
  queried(query: ChargedQuery): void;
  queryLimited(): void;
  computed(ms: number): void;
}

const NOTHING: Usage = {
  restRequests: 0,
  graphqlPoints: 0,
  computingMs: 0,
  contentWrites: 0,
  forbidden: 0,
  tooManyRequests: 0,
  badGateways: 0,
  limitedQueries: 0,
  mostInFlight: 0,
};

export function createTrafficCounter(): TrafficCounter {
  const requests = new Map<string, number>();
  const usage = { ...NOTHING };
  let inFlight = 0;
  const countAnswer = (status: number): void => {
    inFlight -= 1;
    if (status === 403) usage.forbidden += 1;
    if (status === 429) usage.tooManyRequests += 1;
    if (status === 502) usage.badGateways += 1;
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
      // The event also fires when the connection breaks before the answer.
      reply.raw.once('close', () => countAnswer(reply.raw.statusCode));
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
    computed(ms) {
      usage.computingMs += ms;
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
