import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../callers.ts';
import { isReading } from '../request.ts';
import { primaryQueryRefusal, primaryRefusal, type Refused, secondaryRefusal } from './limit-refusals.ts';
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
  assertWithin(secondary.startComputing(), refused);
  assertWithin(secondary.spend('graphql', pointsOf(limits, query.isMutation)), refused);
  if (query.createsContent) assertWithin(secondary.create(), refused);
  if (!primary.take('graphql', query.cost)) throw primaryQueryRefusal(refused);
}

/**
 * Counts the computing time of a query. GitHub says that the time of the response is a rough estimate of it. A query that
 * takes too long is aborted, and GitHub then deducts additional points without saying how many; this simulation deducts
 * the cost of the query once more.
 *
 * @returns how long the query runs: until its answer, or until it is aborted.
 */
export function chargeTime(
  { caller }: FastifyRequest,
  { ms, cost }: { ms: number; cost: number },
): { ms: number; isAborted: boolean } {
  const allowance = caller?.allowance;
  if (allowance === undefined) return { ms, isAborted: false };
  const { graphqlAnswerMs } = allowance.limits;
  const isAborted = ms > graphqlAnswerMs;
  if (isAborted) allowance.primary.deduct('graphql', cost);
  const used = Math.min(ms, graphqlAnswerMs);
  allowance.secondary.computed(used);
  return { ms: used, isAborted };
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
