import type { components } from '@octokit/openapi-types';

export type LimitedResource = 'core' | 'graphql';

/** REST requests and GraphQL points of an hour, which are counted apart. */
export type Granted = Readonly<Record<LimitedResource, number>>;

type LimitStatus = components['schemas']['rate-limit'];

export interface PrimaryLimits {
  /** False, with nothing taken, when fewer than that many points are left. */
  take(resource: LimitedResource, points: number): boolean;
  /** Gives back what an answer turned out not to cost, as 304 does. */
  refund(resource: LimitedResource, points: number): void;
  /** Takes that many, or all that are left. */
  deduct(resource: LimitedResource, points: number): void;
  status(resource: LimitedResource): LimitStatus;
}

const WINDOW_SECONDS = 3600;

/**
 * Fixed windows of an hour, each opened by the first request after the one before has ended.
 *
 * @param granted asked each time: what an installation has depends on how many repositories there are.
 */
export function createPrimaryLimits(granted: () => Granted, now: () => Date): PrimaryLimits {
  const windows = { core: { reset: 0, used: 0 }, graphql: { reset: 0, used: 0 } };
  const current = (resource: LimitedResource): { reset: number; used: number } => {
    const seconds = Math.floor(now().getTime() / 1000);
    if (seconds >= windows[resource].reset) windows[resource] = { reset: seconds + WINDOW_SECONDS, used: 0 };
    return windows[resource];
  };
  return {
    take(resource, points) {
      const window = current(resource);
      if (window.used + points > granted()[resource]) return false;
      window.used += points;
      return true;
    },
    refund(resource, points) {
      const window = current(resource);
      window.used = Math.max(0, window.used - points);
    },
    deduct(resource, points) {
      const window = current(resource);
      window.used = Math.min(granted()[resource], window.used + points);
    },
    status(resource) {
      const { used, reset } = current(resource);
      const limit = granted()[resource];
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
