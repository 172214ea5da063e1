import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import type { Clock } from '../shared/clock.ts';
import { RESERVE_REACHED } from '../shared/contract/log-line.ts';
import { DeferredError } from '../shared/deferral.ts';
import * as z from '../shared/zod.ts';
import type { GitHubLimits } from './limits.ts';
import { kindOf } from './request-kinds.ts';
import { requestIdIn, withRequestId } from './responses.ts';
import { resumeAt } from './resume-at.ts';

/** The headers about the hourly quota. A server without limits sends none. */
const QuotaHeaders = z.object({
  'x-ratelimit-remaining': z.coerce.number(),
  'x-ratelimit-limit': z.coerce.number(),
  'x-ratelimit-reset': z.coerce.number(),
  'x-github-request-id': z.optional(z.string()),
});
type QuotaHeaders = z.infer<typeof QuotaHeaders>;

/** Quotas are separate for REST and GraphQL. */
type Unit = 'REST requests' | 'GraphQL points';

/**
 * Sends no more requests once only the reserve is left of the hourly quota, until the next hour begins. The client then
 * throws a DeferredError. Workers need not know of each other, because each response reports what they have used in
 * total.
 */
export function reserving(
  { reservePercent }: Pick<GitHubLimits, 'reservePercent'>,
  clock: Clock,
): (octokit: Pick<Octokit, 'hook'>) => void {
  const latest = new Map<Unit, QuotaHeaders>();
  return ({ hook }) => {
    hook.wrap('request', async (request, options) => {
      const kind = kindOf(options);
      if (kind === 'uncounted') return request(options);
      const unit = kind === 'query' ? 'GraphQL points' : 'REST requests';
      const quota = latest.get(unit);
      if (quota) requireMoreThanReserve(quota, { unit, reservePercent, clock });
      let headers: unknown;
      try {
        const response = await request(options);
        headers = response.headers;
        return response;
      } catch (error) {
        // A 401 reports the quota of anonymous requests from this IP address, not that of the token.
        const isOfToken = error instanceof RequestError && error.status !== 401;
        if (isOfToken) headers = error.response?.headers;
        throw error;
      } finally {
        const parsed = QuotaHeaders.safeParse(headers);
        if (parsed.success) latest.set(unit, parsed.data);
      }
    });
  };
}

/** @throws DeferredError if the rest of the hour is reserved. */
function requireMoreThanReserve(
  quota: QuotaHeaders,
  { unit, reservePercent, clock }: { unit: Unit; reservePercent: number; clock: Clock },
): void {
  const { 'x-ratelimit-remaining': remaining, 'x-ratelimit-limit': limit } = quota;
  const resetAt = new Date(quota['x-ratelimit-reset'] * 1_000);
  if (remaining > (limit * reservePercent) / 100 || clock.now() >= resetAt) return;
  const requestId = requestIdIn(quota);
  const message = `${remaining} of ${limit} ${unit} left this hour, ${RESERVE_REACHED}`;
  throw new DeferredError({
    kind: 'rate-limited',
    resumeAt: resumeAt(resetAt, clock),
    message: withRequestId({ message, ...requestId }),
    ...requestId,
  });
}
