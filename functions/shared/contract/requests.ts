/** Requests that were sent to GitHub, by kind. Each attempt counts. */
export interface RequestCounts {
  reads: number;
  writes: number;
  /** GraphQL queries. */
  queries: number;
  /** How long GitHub took for all queries together, in milliseconds. */
  queryMs: number;
  /** How many of all these GitHub answered with 403 or 429. */
  refused: number;
}

export const NO_REQUESTS: RequestCounts = { reads: 0, writes: 0, queries: 0, queryMs: 0, refused: 0 };

export function sumRequests(left: RequestCounts, right: RequestCounts): RequestCounts {
  return {
    reads: left.reads + right.reads,
    writes: left.writes + right.writes,
    queries: left.queries + right.queries,
    queryMs: left.queryMs + right.queryMs,
    refused: left.refused + right.refused,
  };
}

/** GitHub's primary rate limit for one hour. */
export interface HourQuota {
  limit: number;
  remaining: number;
  /** Requests that are left to other users of the same credentials. */
  reserved: number;
  /** ISO 8601, when the next hour begins. */
  resetAt: string;
}

/** What a run is going to request from GitHub, known once its bank is listed. */
export interface Forecast {
  /** Share of the repositories whose webhooks are checked: more than 0, at most 1. */
  webhookShare: number;
  webhookChecks: number;
  /** Requests of the whole run, including those of the listing. */
  requests: Pick<RequestCounts, 'reads' | 'queries'>;
  /** How long GitHub's limits make the run take. Absent if limits are off. */
  seconds?: number;
  /** What was left of the hour. Absent if the server reports no quota. */
  quota?: { rest: HourQuota; graphql?: HourQuota };
}
