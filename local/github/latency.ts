import type { FastifyRequest } from 'fastify';
import { isReading } from './request.ts';

/** What takes its own time on GitHub. Reading the deliveries of a webhook is `hooks`, making a webhook is `write`. */
type RequestKind = 'listing' | 'graphql' | 'hooks' | 'write' | 'other';

/** Milliseconds added to every answer, or to those of each kind. */
export type Latency = number | Readonly<Record<RequestKind, number>>;

export function latencyOf(request: FastifyRequest, latency: Latency): number {
  return typeof latency === 'number' ? latency : latency[kindOf(request)];
}

function kindOf({ method, routeOptions: { config } }: FastifyRequest): RequestKind {
  if (config.resource === 'graphql') return 'graphql';
  return isReading(method) ? (config.reads ?? 'other') : 'write';
}
