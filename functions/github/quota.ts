import type { Forecast, HourQuota } from '../shared/contract/requests.ts';
import { DeferredError } from '../shared/deferral.ts';
import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import { bankError, failedRequest } from './responses.ts';

/** What GitHub grants for an hour, and what is left of it. */
export type Quota = NonNullable<Forecast['quota']>;

const RateLimit = z.object({ limit: z.number(), remaining: z.number(), reset: z.number() });
type RateLimit = z.infer<typeof RateLimit>;
const RateLimits = z.object({ resources: z.object({ core: RateLimit, graphql: z.lenient(RateLimit) }) });

/**
 * Requests what is left of the hour. The request itself does not count against any limit.
 * @returns undefined if the client's limits are off, or the server reports no quota.
 * @throws SyncError `GitHubCredentialsRejected`.
 */
export async function readQuota(context: GitHubContext): Promise<Quota | undefined> {
  const { github } = context;
  if (github.limits === 'off') return undefined;
  const { reservePercent } = github.limits;
  const response = await github.request('GET /rate_limit').catch((error: unknown) => {
    // While a wait lasts, the request is not sent.
    if (error instanceof DeferredError) return undefined;
    // Leaves out the client, so that a 403 of this endpoint is not recorded as a possible rate limit.
    const { github: _, ...clock } = context;
    const failed = failedRequest(error, clock);
    const { kind } = failed.meaning;
    // After any other failure, only the forecast lacks the quota. A rate limit is left to the next request, because a
    // deferral here would discard the listing that was just read.
    if (kind === 'credentials-rejected') throw bankError(error, failed);
    return undefined;
  });
  const parsed = RateLimits.safeParse(response?.data);
  if (!parsed.success) return undefined;
  const { core, graphql } = parsed.data.resources;
  return {
    rest: hourQuota(core, reservePercent),
    ...(graphql && { graphql: hourQuota(graphql, reservePercent) }),
  };
}

function hourQuota({ limit, remaining, reset }: RateLimit, reservePercent: number): HourQuota {
  const reserved = Math.ceil((limit * reservePercent) / 100);
  return { limit, remaining, reserved, resetAt: new Date(reset * 1_000).toISOString() };
}
