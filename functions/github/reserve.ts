import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import type { Clock } from '../shared/clock.ts';
import * as z from '../shared/zod.ts';
import { RateLimited, requestIdIn, toldWithId } from './github-answers.ts';
import type { GitHubLimits } from './limits.ts';
import { kindOf } from './request-kinds.ts';
import { resumeAt } from './waits.ts';

/** What is left of the hour, as the newest answer says. A server without limits says nothing. */
const Left = z.object({
  'x-ratelimit-remaining': z.coerce.number(),
  'x-ratelimit-limit': z.coerce.number(),
  'x-ratelimit-reset': z.coerce.number(),
  'x-github-request-id': z.optional(z.string()),
});
type Left = z.infer<typeof Left>;

// Counted apart, each in its own words.
type Counted = 'REST requests' | 'GraphQL points';

/**
 * Sends no more requests once no more than the reserve is left of what GitHub grants for an hour, until the next hour
 * begins: the client then throws RateLimited. GitHub counts the requests of all workers together and says so in each
 * answer, so that workers need not know of each other.
 */
export function reserving(
  { reservePercent }: Pick<GitHubLimits, 'reservePercent'>,
  clock: Clock,
): (octokit: Pick<Octokit, 'hook'>) => void {
  const known = new Map<Counted, Left>();
  const note = (counted: Counted, headers: unknown): void => {
    const left = Left.safeParse(headers);
    if (left.success) known.set(counted, left.data);
  };
  return ({ hook }) => {
    hook.wrap('request', async (request, options) => {
      const kind = kindOf(options);
      if (kind === 'uncounted') return request(options);
      const counted = kind === 'query' ? 'GraphQL points' : 'REST requests';
      const left = known.get(counted);
      if (left && isReserved(left, reservePercent, clock.now())) throw reserved(left, counted, clock);
      try {
        const response = await request(options);
        note(counted, response.headers);
        return response;
      } catch (error) {
        if (error instanceof RequestError) note(counted, error.response?.headers);
        throw error;
      }
    });
  };
}

const resetOf = (left: Left): Date => new Date(left['x-ratelimit-reset'] * 1_000);

function isReserved(left: Left, reservePercent: number, now: Date): boolean {
  const reserve = (left['x-ratelimit-limit'] * reservePercent) / 100;
  return left['x-ratelimit-remaining'] <= reserve && now < resetOf(left);
}

function reserved(left: Left, counted: Counted, clock: Clock): RateLimited {
  const { 'x-ratelimit-remaining': remaining, 'x-ratelimit-limit': limit } = left;
  const message = `${remaining} of ${limit} ${counted} are left of this hour, and kept for others`;
  const answer = requestIdIn(left);
  return new RateLimited(resumeAt(resetOf(left), clock), toldWithId({ message, ...answer }), answer);
}
