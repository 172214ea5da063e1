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

/** What the limits need to know of a query. */
export interface ChargedQuery {
  /** Points of the primary limit. */
  cost: number;
  isMutation: boolean;
  createsContent: boolean;
}

/**
 * Counts a request on arrival against the limits of its caller, if there are any. A request that a secondary limit
 * refuses does not count against the primary limit.
 *
 * @throws Refusal when a limit is exceeded.
 */
export function chargeRequest(request: FastifyRequest, reply: FastifyReply): void {
  const { allowance } = callerOf(request);
  if (allowance === undefined) return;
  const { limits, primary, secondary } = allowance;
  const { resource = 'core', isUncounted, createsContent } = request.routeOptions.config;
  const refused = refusedRequest(request, reply);
  assertWithin(secondary.enter(resource === 'graphql' ? 'graphql' : 'rest'), refused);
  // The event also fires when the connection breaks before the answer.
  reply.raw.once('close', secondary.leave);
  // The cost of a query is known only after it has been parsed: see chargeQuery.
  if (resource === 'graphql') return;
  assertWithin(secondary.spend('rest', pointsOf(limits, !isReading(request.method))), refused);
  if (createsContent === true) assertWithin(secondary.create(), refused);
  if (isUncounted !== true && !primary.take('core', 1)) throw primaryRefusal(refused);
}

/**
 * Counts the cost of a query.
 *
 * @throws Refusal or QueryLimited when a limit is exceeded.
 */
export function chargeQuery(request: FastifyRequest, reply: FastifyReply, query: ChargedQuery): void {
  const { allowance } = callerOf(request);
  if (allowance === undefined) return;
  const { limits, primary, secondary } = allowance;
  const refused = refusedRequest(request, reply);
  assertWithin(secondary.spend('graphql', pointsOf(limits, query.isMutation)), refused);
  if (query.createsContent) assertWithin(secondary.create(), refused);
  if (!primary.take('graphql', query.cost)) throw primaryQueryRefusal(refused);
}

/**
 * Refuses to answer a query that took too long, measured in real time because latency is real time. GitHub then
 * deducts additional points without saying how many; this simulation deducts the cost of the query once more.
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

function assertWithin(excess: Excess | undefined, refused: Refused): void {
  if (excess !== undefined) throw secondaryRefusal(excess, refused);
}

function pointsOf({ readPoints, writePoints }: PublishedLimits, isWrite: boolean): number {
  return isWrite ? writePoints : readPoints;
}

function refusedRequest(request: FastifyRequest, reply: FastifyReply): Refused {
  return {
    callerName: callerOf(request).name,
    requestId: String(reply.getHeader('x-github-request-id')),
  };
}
