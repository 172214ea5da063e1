import * as z from 'zod';
import { startChild } from '../processes/child.ts';
import type { BankPlan } from '../scenarios.ts';

export interface GitHubPlan {
  port: number;
  stateFolder: string;
  repositories: number;
  withoutProjectWebhook: number;
  latencyMs: number;
  /** Where webhooks deliver to; nowhere by default. */
  deliverTo?: string;
  limits: BankPlan['limits'];
}

/** What one client used of GitHub. */
export interface Usage {
  restRequests: number;
  queries: number;
  graphqlPoints: number;
  /** How long GitHub computed all queries together. */
  computingSeconds: number;
  /** Answers that ask to wait: those with status 403 or 429, and GraphQL's with status 200. */
  limited: number;
  /** Answers with status 502: queries that took too long. */
  aborted: number;
  mostInFlight: number;
}

/** The simulated GitHub in a process of its own. */
export interface BenchGitHub {
  url: string;
  /** Since the last `reset`. */
  usage: () => Promise<Usage>;
  reset: () => Promise<void>;
  /** From now on, queries take the time that GitHub is assumed to compute them. */
  takeTime: () => Promise<void>;
  end: () => Promise<void>;
}

const Counters = z.object({
  requests: z.record(z.string(), z.number()),
  restRequests: z.number(),
  graphqlPoints: z.number(),
  computingMs: z.number(),
  forbidden: z.number(),
  tooManyRequests: z.number(),
  badGateways: z.number(),
  limitedQueries: z.number(),
  mostInFlight: z.number(),
});

export async function startGitHub(plan: GitHubPlan): Promise<BenchGitHub> {
  const { started, ask, end } = await startChild('github-process.ts', {
    options: plan,
    started: z.object({ url: z.string() }),
  });
  return {
    url: started.url,
    usage: async () => {
      const counted = await ask('usage', Counters);
      const { restRequests, graphqlPoints, mostInFlight } = counted;
      return {
        restRequests,
        queries: counted.requests['POST /graphql'] ?? 0,
        graphqlPoints,
        computingSeconds: counted.computingMs / 1_000,
        // The token has all permissions, so that every 403 is a limit.
        limited: counted.forbidden + counted.tooManyRequests + counted.limitedQueries,
        aborted: counted.badGateways,
        mostInFlight,
      };
    },
    reset: () => ask('reset', z.undefined()),
    takeTime: () => ask('takeTime', z.undefined()),
    end,
  };
}
