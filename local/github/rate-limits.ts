import type { components } from '@octokit/openapi-types';

/** The primary limits of one token. REST requests and GraphQL points are counted apart. */
export interface PrimaryLimits {
  restRequestsPerHour: number;
  graphqlPointsPerHour: number;
}

/** What github.com grants a user or an installation (docs.github.com, "Rate limits for the REST API"). */
export const PUBLISHED_LIMITS: PrimaryLimits = { restRequestsPerHour: 5000, graphqlPointsPerHour: 5000 };

export type LimitedResource = 'core' | 'graphql';

export type LimitStatus = components['schemas']['rate-limit'];

export interface RateLimits {
  /** False, with nothing taken, when fewer than that many points are left. */
  take(resource: LimitedResource, points: number): boolean;
  /** Gives back what an answer turned out not to cost, as 304 does. */
  refund(resource: LimitedResource, points: number): void;
  status(resource: LimitedResource): LimitStatus;
}

const WINDOW_SECONDS = 3600;

/** Fixed windows of an hour, each opened by the first request after the one before has ended. */
export function createRateLimits(limits: PrimaryLimits, now: () => Date): RateLimits {
  const granted: Record<LimitedResource, number> = {
    core: limits.restRequestsPerHour,
    graphql: limits.graphqlPointsPerHour,
  };
  const windows = { core: { reset: 0, used: 0 }, graphql: { reset: 0, used: 0 } };
  const current = (resource: LimitedResource): { reset: number; used: number } => {
    const seconds = Math.floor(now().getTime() / 1000);
    if (seconds >= windows[resource].reset) windows[resource] = { reset: seconds + WINDOW_SECONDS, used: 0 };
    return windows[resource];
  };
  return {
    take(resource, points) {
      const window = current(resource);
      if (window.used + points > granted[resource]) return false;
      window.used += points;
      return true;
    },
    refund(resource, points) {
      const window = current(resource);
      window.used = Math.max(0, window.used - points);
    },
    status(resource) {
      const { used, reset } = current(resource);
      const limit = granted[resource];
      return { limit, used, remaining: limit - used, reset };
    },
  };
}

export function limitHeaders(resource: LimitedResource, status: LimitStatus): Record<string, string> {
  return {
    'x-ratelimit-limit': String(status.limit),
    'x-ratelimit-remaining': String(status.remaining),
    'x-ratelimit-used': String(status.used),
    'x-ratelimit-reset': String(status.reset),
    'x-ratelimit-resource': resource,
  };
}
