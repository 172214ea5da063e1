import { describe, expect, it } from 'vitest';
import { createAllowance } from '../../../../local/github/limits/allowance.ts';
import { createPrimaryLimits } from '../../../../local/github/limits/primary-limits.ts';
import { PUBLISHED_LIMITS } from '../../../../local/github/limits/published-limits.ts';
import { createClock, HOUR_MS } from '../../../support/clock.ts';

const setUp = () => {
  const clock = createClock();
  const limits = createPrimaryLimits(() => ({ core: 3, graphql: 10 }), clock.now);
  return { clock, limits };
};

describe('createPrimaryLimits', () => {
  it('grants the quota and then nothing until the window ends', () => {
    const { clock, limits } = setUp();
    const reset = (clock.now().getTime() + HOUR_MS) / 1000;
    expect([1, 2, 3, 4].map(() => limits.take('core', 1))).toEqual([true, true, true, false]);
    expect(limits.status('core')).toEqual({ limit: 3, used: 3, remaining: 0, reset });
    clock.advance(HOUR_MS - 1);
    expect(limits.take('core', 1)).toBe(false);
    clock.advance(1);
    expect(limits.take('core', 1)).toBe(true);
  });

  it('counts REST requests and GraphQL points separately', () => {
    const { limits } = setUp();
    expect(limits.take('graphql', 9)).toBe(true);
    expect(limits.take('graphql', 2)).toBe(false);
    expect(limits.take('graphql', 1)).toBe(true);
    expect(limits.status('core').used).toBe(0);
  });

  it('grants refunded requests again', () => {
    const { limits } = setUp();
    limits.take('core', 1);
    limits.refund('core', 1);
    expect(limits.status('core')).toMatchObject({ used: 0, remaining: 3 });
  });

  it('deducts no more than is left', () => {
    const { limits } = setUp();
    limits.take('graphql', 8);
    limits.deduct('graphql', 5);
    expect(limits.status('graphql')).toMatchObject({ used: 10, remaining: 0 });
  });
});

describe('the hourly quota', () => {
  const granted = (repositories?: number) => {
    const count = repositories === undefined ? {} : { repositories: () => repositories };
    const { primary } = createAllowance({ limits: PUBLISHED_LIMITS, ...count, now: createClock().now });
    return [primary.status('core').limit, primary.status('graphql').limit];
  };

  it('is 5,000 of both for a user', () => {
    expect(granted()).toEqual([5_000, 5_000]);
  });

  it.each([
    { repositories: 20, limit: 5_000 },
    { repositories: 21, limit: 5_050 },
    { repositories: 170, limit: 12_500 },
    { repositories: 100_000, limit: 12_500 },
  ])('is $limit of both for an installation on $repositories repositories', ({ repositories, limit }) => {
    expect(granted(repositories)).toEqual([limit, limit]);
  });
});
