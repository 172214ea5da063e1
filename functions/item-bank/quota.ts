import type { Forecast, HourQuota } from '../vocabulary.ts';
import * as z from '../zod.ts';
import type { BankRequest } from './github.ts';
import { bankTrouble, failureOf } from './github-answers.ts';
import { undocumentedOfBank } from './trouble.ts';

/** What GitHub grants for an hour, and what is left of it. */
export type Quota = NonNullable<Forecast['quota']>;

const Left = z.object({ limit: z.number(), remaining: z.number(), reset: z.number() });
type Left = z.infer<typeof Left>;
const RateLimit = z.object({ resources: z.object({ core: Left, graphql: z.optional(Left) }) });

/**
 * Asks what is left of the hour, which counts against no limit.
 * @returns undefined where the client keeps to no limits, or the server has none.
 * @throws SyncError `GitHubUnavailable`, `GitHubCredentialsRejected`; RateLimited.
 */
export async function readQuota(request: BankRequest): Promise<Quota | undefined> {
  const { github } = request;
  if (github.limits === 'off') return undefined;
  const { reservePercent } = github.limits;
  const answer = await github.request('GET /rate_limit').catch((error: unknown) => {
    const failure = failureOf(error, request);
    if (failure.trouble.kind === 'not-found') return undefined;
    throw bankTrouble(error, failure);
  });
  if (!answer) return undefined;
  const parsed = RateLimit.safeParse(answer.data);
  if (!parsed.success) throw undocumentedOfBank(parsed.error, answer.headers);
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
