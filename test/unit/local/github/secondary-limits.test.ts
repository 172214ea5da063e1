import { describe, expect, it } from 'vitest';
import { PUBLISHED_LIMITS } from '../../../../local/github/limits/published-limits.ts';
import { createRollingWindow } from '../../../../local/github/limits/rolling-window.ts';
import { createSecondaryLimits } from '../../../../local/github/limits/secondary-limits.ts';
import { createClock, HOUR_MS, MINUTE_MS } from '../../../support/clock.ts';

const SECOND_MS = 1_000;

describe('createRollingWindow', () => {
  it('computes the time until the points fit', () => {
    const clock = createClock();
    const window = createRollingWindow({ limit: 10, lengthMs: MINUTE_MS }, clock.now);
    window.add(6);
    clock.advance(20 * SECOND_MS);
    window.add(4);
    expect(window.waitMs(1)).toBe(40 * SECOND_MS);
    expect(window.waitMs(6)).toBe(40 * SECOND_MS);
    expect(window.waitMs(7)).toBe(60 * SECOND_MS);
    clock.advance(40 * SECOND_MS - 1);
    expect(window.waitMs(1)).toBe(1);
    clock.advance(1);
    expect(window.waitMs(6)).toBe(0);
    expect(window.waitMs(7)).toBe(20 * SECOND_MS);
  });

  it('never exceeds its limit', () => {
    const window = createRollingWindow({ limit: 10, lengthMs: MINUTE_MS }, createClock().now);
    expect(window.waitMs(11)).toBe(MINUTE_MS);
  });
});

const setUp = () => {
  const clock = createClock();
  const limits = createSecondaryLimits(PUBLISHED_LIMITS, clock.now);
  return { clock, limits };
};

const times = <T>(count: number, work: () => T): T[] => Array.from({ length: count }, work);

describe('createSecondaryLimits', () => {
  it('allows 100 concurrent requests of both APIs together', () => {
    const { limits } = setUp();
    expect(times(60, () => limits.enter('rest')).concat(times(40, () => limits.enter('graphql')))).toEqual(
      Array(100).fill(undefined),
    );
    expect(limits.enter('rest')).toEqual({ of: 'requests', retryAfterSeconds: 60 });
  });

  it('then blocks both APIs, even when the other requests have been answered', () => {
    const { clock, limits } = setUp();
    times(101, () => limits.enter('rest'));
    times(100, () => limits.leave());
    clock.advance(MINUTE_MS - 1);
    expect(limits.enter('graphql')).toEqual({ of: 'requests', retryAfterSeconds: 60 });
    clock.advance(1);
    expect(limits.enter('rest')).toBeUndefined();
  });

  it.each([
    { api: 'rest', points: 900 },
    { api: 'graphql', points: 2_000 },
  ] as const)(
    'grants $points points of $api per minute, independently of the other API',
    ({ api, points }) => {
      const { clock, limits } = setUp();
      expect(limits.spend(api, points - 5)).toBeUndefined();
      clock.advance(30 * SECOND_MS);
      expect(limits.spend(api, 5)).toBeUndefined();
      clock.advance(29 * SECOND_MS);
      expect(limits.spend(api, 1)).toEqual({ of: 'requests', retryAfterSeconds: 60 });
      expect(limits.spend(api === 'rest' ? 'graphql' : 'rest', 1)).toBeUndefined();
    },
  );

  it('grants 80 content-creating writes per minute, and 500 per hour', () => {
    const { clock, limits } = setUp();
    for (let minute = 0; minute < 6; minute += 1) {
      expect(times(80, () => limits.create())).toEqual(Array(80).fill(undefined));
      clock.advance(MINUTE_MS);
    }
    expect(times(20, () => limits.create())).toEqual(Array(20).fill(undefined));
    // The first 80 are an hour old in 54 minutes.
    expect(limits.create()).toEqual({ of: 'content', retryAfterSeconds: 54 * 60 });
    expect(limits.spend('rest', 5)).toBeUndefined();
    clock.advance(HOUR_MS - 6 * MINUTE_MS);
    expect(times(80, () => limits.create())).toEqual(Array(80).fill(undefined));
    expect(limits.create()).toEqual({ of: 'content', retryAfterSeconds: 60 });
  });

  it('grants again after the requested wait', () => {
    const { clock, limits } = setUp();
    limits.spend('rest', 900);
    clock.advance(10 * SECOND_MS);
    expect(limits.spend('rest', 1)?.retryAfterSeconds).toBe(60);
    clock.advance(60 * SECOND_MS);
    expect(limits.spend('rest', 900)).toBeUndefined();
  });

  it('blocks for longer when the client does not wait', () => {
    const { clock, limits } = setUp();
    limits.spend('rest', 901);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      clock.advance(59 * SECOND_MS);
      expect(limits.enter('rest')).toEqual({ of: 'requests', retryAfterSeconds: 60 });
    }
    clock.advance(60 * SECOND_MS);
    expect(limits.enter('rest')).toBeUndefined();
  });
});
