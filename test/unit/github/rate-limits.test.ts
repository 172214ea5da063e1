import { describe, expect, it } from 'vitest';
import { createRateLimits } from '../../../local/github/rate-limits.ts';

const START = Date.UTC(2026, 10, 23, 9);
const HOUR_MS = 3_600_000;

const setUp = () => {
  const clock = { now: START };
  const limits = createRateLimits(
    { restRequestsPerHour: 3, graphqlPointsPerHour: 10 },
    () => new Date(clock.now),
  );
  return { clock, limits };
};

describe('createRateLimits', () => {
  it('grants so many and then none, until the window ends', () => {
    const { clock, limits } = setUp();
    expect([1, 2, 3, 4].map(() => limits.take('core', 1))).toEqual([true, true, true, false]);
    expect(limits.status('core')).toEqual({
      limit: 3,
      used: 3,
      remaining: 0,
      reset: (START + HOUR_MS) / 1000,
    });
    clock.now += HOUR_MS - 1;
    expect(limits.take('core', 1)).toBe(false);
    clock.now += 1;
    expect(limits.take('core', 1)).toBe(true);
  });

  it('counts REST requests and GraphQL points apart', () => {
    const { limits } = setUp();
    expect(limits.take('graphql', 9)).toBe(true);
    expect(limits.take('graphql', 2)).toBe(false);
    expect(limits.take('graphql', 1)).toBe(true);
    expect(limits.status('core').used).toBe(0);
  });

  it('gives back what was refunded', () => {
    const { limits } = setUp();
    limits.take('core', 1);
    limits.refund('core', 1);
    expect(limits.status('core')).toMatchObject({ used: 0, remaining: 3 });
  });
});
