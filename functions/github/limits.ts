/** What GitHub allows whoever shows one token, or the tokens of one installation of an App. */
export interface GitHubLimits {
  /** Reading costs one of them, writing five. */
  restPointsPerMinute: number;
  /** A query costs one of them. */
  graphqlPointsPerMinute: number;
  /** REST and GraphQL together. */
  requestsInFlight: number;
  /** Of those that create content. */
  writesPerMinute: number;
  /** Likewise. */
  writesPerHour: number;
  /** Of what GitHub grants for an hour, this is left to whoever else uses the token. */
  reservePercent: number;
}

/**
 * GitHub's own numbers, and our reserve.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
export const PUBLISHED_LIMITS: GitHubLimits = {
  restPointsPerMinute: 900,
  graphqlPointsPerMinute: 2_000,
  requestsInFlight: 100,
  writesPerMinute: 80,
  writesPerHour: 500,
  reservePercent: 20,
};
