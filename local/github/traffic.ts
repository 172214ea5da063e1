import type { FastifyReply, FastifyRequest } from 'fastify';

/** What came in since the start. */
export interface Traffic {
  /** Requests by route, as in `GET /repos/{owner}/{repo}/hooks`; unknown routes are one. */
  readonly requests: ReadonlyMap<string, number>;
  /** The most requests that were under way at one moment. */
  readonly mostInFlight: number;
}

export interface TrafficCounter extends Traffic {
  arrived(request: FastifyRequest, reply: FastifyReply): void;
}

export function createTrafficCounter(): TrafficCounter {
  const requests = new Map<string, number>();
  let inFlight = 0;
  let mostInFlight = 0;
  return {
    requests,
    get mostInFlight() {
      return mostInFlight;
    },
    arrived(request, reply) {
      const route = routeName(request);
      requests.set(route, (requests.get(route) ?? 0) + 1);
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      // Also comes when the connection breaks before the answer.
      reply.raw.once('close', () => {
        inFlight -= 1;
      });
    },
  };
}

function routeName(request: FastifyRequest): string {
  const path = request.routeOptions.url;
  if (request.is404 || path === undefined) return 'unknown route';
  return `${request.method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;
}
