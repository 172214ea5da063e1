/**
 * What GitHub allows whoever asks. Every number is a setting.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 * https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
 */
export interface PublishedLimits {
  restRequestsPerHour: number;
  graphqlPointsPerHour: number;
  /** An installation has so many more of both in an hour, for each repository beyond the first ones. */
  installationExtraPerRepository: number;
  installationRepositoriesWithoutExtra: number;
  installationMostPerHour: number;
  /** REST and GraphQL together. */
  requestsInFlight: number;
  restPointsPerMinute: number;
  graphqlPointsPerMinute: number;
  /** What a GET, HEAD or OPTIONS and a query cost of the points of a minute. */
  readPoints: number;
  /** What any other request and a mutation cost of them. */
  writePoints: number;
  contentWritesPerMinute: number;
  contentWritesPerHour: number;
  /** The least that `retry-after` says. GitHub publishes no number; where it names no time, it asks for a minute. */
  secondaryWaitSeconds: number;
  /** GitHub breaks off a query that takes longer. */
  graphqlAnswerMs: number;
  /** A query that could return more is refused. */
  graphqlNodes: number;
}

/** As github.com publishes them for a user and for an installation that is not of an Enterprise Cloud organization. */
export const PUBLISHED_LIMITS: PublishedLimits = {
  restRequestsPerHour: 5_000,
  graphqlPointsPerHour: 5_000,
  installationExtraPerRepository: 50,
  installationRepositoriesWithoutExtra: 20,
  installationMostPerHour: 12_500,
  requestsInFlight: 100,
  restPointsPerMinute: 900,
  graphqlPointsPerMinute: 2_000,
  readPoints: 1,
  writePoints: 5,
  contentWritesPerMinute: 80,
  contentWritesPerHour: 500,
  secondaryWaitSeconds: 60,
  graphqlAnswerMs: 10_000,
  graphqlNodes: 500_000,
};
