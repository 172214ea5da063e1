import type { Forecast, HourQuota } from '../shared/contract/requests.ts';
import * as z from '../shared/zod.ts';
import type { BankRequest } from './github.ts';
import { bankTrouble, failureOf } from './github-answers.ts';

/** What GitHub grants for an hour, and what is left of it. */
export type Quota = NonNullable<Forecast['quota']>;

const Left = z.object({ limit: z.number(), remaining: z.number(), reset: z.number() });
type Left = z.infer<typeof Left>;
const RateLimit = z.object({ resources: z.object({ core: Left, graphql: z.optional(Left) }) });

const ENDING: ReadonlySet<string> = new Set(['rate-limited', 'credentials-rejected']);

/**
 * Asks what is left of the hour, which counts against no limit.
 * @returns undefined where the client keeps to no limits, or the server does not say.
 * @throws SyncError `GitHubCredentialsRejected`; RateLimited.
 */
export async function readQuota(request: BankRequest): Promise<Quota | undefined> {
  const { github } = request;
  if (github.limits === 'off') return undefined;
  const { reservePercent } = github.limits;
  const answer = await github.request('GET /rate_limit').catch((error: unknown) => {
    const failure = failureOf(error, request);
    // Nothing hangs on the answer but the forecast. These two would meet the next request as well.
    if (ENDING.has(failure.trouble.kind)) throw bankTrouble(error, failure);
    return undefined;
  });
  if (!answer) return undefined;
  const parsed = RateLimit.safeParse(answer.data);
  if (!parsed.success) return undefined;
  const { core, graphql } = parsed.data.resources;
  return {
    rest: hourOf(core, reservePercent),
    ...(graphql && { graphql: hourOf(graphql, reservePercent) }),
  };
}

function hourOf({ limit, remaining, reset }: Left, reservePercent: number): HourQuota {
  const reserved = Math.ceil((limit * reservePercent) / 100);
  return { limit, remaining, reserved, resetAt: new Date(reset * 1_000).toISOString() };
}
