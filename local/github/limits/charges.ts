import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../callers.ts';
import { isReading } from '../request.ts';
import {
  primaryQueryRefusal,
  primaryRefusal,
  type Refused,
  secondaryRefusal,
  timedOut,
} from './limit-refusals.ts';
import type { PublishedLimits } from './published-limits.ts';
import type { Excess } from './secondary-limits.ts';

/** A query as the limits see it. */
export interface ChargedQuery {
  /** Points of the primary limit. */
  cost: number;
  isMutation: boolean;
  createsContent: boolean;
}

/**
 * Counts a request as it comes against the limits of its caller, who may have none. A request that a secondary limit
 * refuses does not count against the primary one.
 *
 * @throws Refusal when it is too much.
 */
export function chargeRequest(request: FastifyRequest, reply: FastifyReply): void {
  const { allowance } = callerOf(request);
  if (allowance === undefined) return;
  const { limits, primary, secondary } = allowance;
  const { resource = 'core', isUncounted, createsContent } = request.routeOptions.config;
  const api = resource === 'graphql' ? 'graphql' : 'rest';
  const status = api === 'graphql' ? limits.secondaryGraphqlStatus : limits.restStatus;
  const refuse = refuser(request, reply, status);
  refuse(secondary.enter(api));
  // Also comes when the connection breaks before the answer.
  reply.raw.once('close', secondary.leave);
  // What a query costs is known when it has been read.
  if (api === 'graphql') return;
  refuse(secondary.spend('rest', pointsOf(limits, !isReading(request.method))));
  if (createsContent === true) refuse(secondary.create());
  if (isUncounted !== true && !primary.take('core', 1)) {
    throw primaryRefusal(refusedOf(request, reply), limits.restStatus);
  }
}

/**
 * Counts what a query costs.
 *
 * @throws Refusal or QueryLimited when it is too much.
 */
export function chargeQuery(request: FastifyRequest, reply: FastifyReply, query: ChargedQuery): void {
  const { allowance } = callerOf(request);
  if (allowance === undefined) return;
  const { limits, primary, secondary } = allowance;
  const refuse = refuser(request, reply, limits.secondaryGraphqlStatus);
  refuse(secondary.spend('graphql', pointsOf(limits, query.isMutation)));
  if (query.createsContent) refuse(secondary.create());
  if (!primary.take('graphql', query.cost)) throw primaryQueryRefusal(refusedOf(request, reply));
}

/**
 * Breaks off the answer to a query that has taken too long; in real time, since latency is. GitHub then takes more
 * points and does not say how many: here it is the cost of the query once more.
 *
 * @throws Refusal 502.
 */
export function assertInTime(request: FastifyRequest, cost: number): void {
  const { allowance } = callerOf(request);
  if (allowance === undefined) return;
  if (performance.now() - request.arrivedAtMs <= allowance.limits.graphqlAnswerMs) return;
  allowance.primary.deduct('graphql', cost);
  throw timedOut();
}

function refuser(request: FastifyRequest, reply: FastifyReply, status: 200 | 403 | 429) {
  return (excess: Excess | undefined): void => {
    if (excess !== undefined) throw secondaryRefusal(excess, refusedOf(request, reply), status);
  };
}

function pointsOf({ readPoints, writePoints }: PublishedLimits, isWrite: boolean): number {
  return isWrite ? writePoints : readPoints;
}

function refusedOf(request: FastifyRequest, reply: FastifyReply): Refused {
  return {
    callerName: callerOf(request).name,
    requestId: String(reply.getHeader('x-github-request-id')),
  };
}
