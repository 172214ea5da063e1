import type { components } from '@octokit/openapi-types';

export type LimitedResource = 'core' | 'graphql';

/** REST requests and GraphQL points per hour. The two are counted separately. */
export type HourlyQuota = Readonly<Record<LimitedResource, number>>;

type LimitStatus = components['schemas']['rate-limit'];

export interface PrimaryLimits {
  /** Takes the points. False, with nothing taken, when too few are left. */
  take(resource: LimitedResource, points: number): boolean;
  /** Returns points, for example for a 304. */
  refund(resource: LimitedResource, points: number): void;
  /** Takes the points, or all that are left. */
  deduct(resource: LimitedResource, points: number): void;
  status(resource: LimitedResource): LimitStatus;
}

const WINDOW_SECONDS = 3600;

/**
 * Fixed windows of one hour. A window opens with the first request after the previous one has ended.
 *
 * @param quota called for every request, because that of an installation depends on the number of repositories.
 */
export function createPrimaryLimits(quota: () => HourlyQuota, now: () => Date): PrimaryLimits {
  const windows = { core: { reset: 0, used: 0 }, graphql: { reset: 0, used: 0 } };
  const current = (resource: LimitedResource): { reset: number; used: number } => {
    const seconds = Math.floor(now().getTime() / 1000);
    if (seconds >= windows[resource].reset) windows[resource] = { reset: seconds + WINDOW_SECONDS, used: 0 };
    return windows[resource];
  };
  return {
    take(resource, points) {
      const window = current(resource);
      if (window.used + points > quota()[resource]) return false;
      window.used += points;
      return true;
    },
    refund(resource, points) {
      const window = current(resource);
      window.used = Math.max(0, window.used - points);
    },
    deduct(resource, points) {
      const window = current(resource);
      window.used = Math.min(quota()[resource], window.used + points);
    },
    status(resource) {
      const { used, reset } = current(resource);
      const limit = quota()[resource];
      return { limit, used, remaining: Math.max(0, limit - used), reset };
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
