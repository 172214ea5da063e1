/**
 * The limits of GitHub. Each can be overridden.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 * https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
 */
export interface PublishedLimits {
  restRequestsPerHour: number;
  graphqlPointsPerHour: number;
  /** Additional requests and points per hour that an installation has for each repository beyond the first ones. */
  installationExtraPerRepository: number;
  installationRepositoriesWithoutExtra: number;
  installationMaxPerHour: number;
  /** REST and GraphQL together. */
  requestsInFlight: number;
  restPointsPerMinute: number;
  graphqlPointsPerMinute: number;
  /** The cost of a GET, HEAD, OPTIONS or query, in points per minute. */
  readPoints: number;
  /** The cost of any other request and of a mutation. */
  writePoints: number;
  contentWritesPerMinute: number;
  contentWritesPerHour: number;
  /** The minimum of `retry-after`. GitHub publishes none; without a `retry-after` it asks clients to wait a minute. */
  secondaryWaitSeconds: number;
  /** GitHub aborts queries that take longer. */
  graphqlAnswerMs: number;
  /** How long all queries of a minute may take together. */
  graphqlComputingMsPerMinute: number;
  /** GitHub refuses queries that could return more nodes. */
  graphqlNodes: number;
}

/** As published for github.com, for users and for installations outside of Enterprise Cloud organizations. */
export const PUBLISHED_LIMITS: PublishedLimits = {
  restRequestsPerHour: 5_000,
  graphqlPointsPerHour: 5_000,
  installationExtraPerRepository: 50,
  installationRepositoriesWithoutExtra: 20,
  installationMaxPerHour: 12_500,
  requestsInFlight: 100,
  restPointsPerMinute: 900,
  graphqlPointsPerMinute: 2_000,
  readPoints: 1,
  writePoints: 5,
  contentWritesPerMinute: 80,
  contentWritesPerHour: 500,
  secondaryWaitSeconds: 60,
  graphqlAnswerMs: 10_000,
  graphqlComputingMsPerMinute: 60_000,
  graphqlNodes: 500_000,
};
