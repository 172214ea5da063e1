/** GitHub's limits for one token, or for one installation of an App. */
export interface GitHubLimits {
  /** A read costs one point, a write five. */
  restPointsPerMinute: number;
  /** A query costs one point. */
  graphqlPointsPerMinute: number;
  /** How long all queries of a minute may take together, measured by the time of GitHub's responses. */
  graphqlSecondsPerMinute: number;
  /** REST and GraphQL together. */
  requestsInFlight: number;
  /** Requests that create content. */
  writesPerMinute: number;
  /** Requests that create content. */
  writesPerHour: number;
  /** Our own reserve: this share of the hourly quota is left to other users of the token. */
  reservePercent: number;
}

/**
 * GitHub's published numbers, and our reserve.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
export const PUBLISHED_LIMITS: GitHubLimits = {
  restPointsPerMinute: 900,
  graphqlPointsPerMinute: 2_000,
  graphqlSecondsPerMinute: 60,
  requestsInFlight: 100,
  writesPerMinute: 80,
  writesPerHour: 500,
  reservePercent: 20,
};
