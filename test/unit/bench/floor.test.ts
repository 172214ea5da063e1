import { describe, expect, it } from 'vitest';
import { floorSeconds, type Work } from '../../../bench/github/floor.ts';
import { PUBLISHED_LIMITS } from '../../../local/github/limits/published-limits.ts';

const NIGHTLY: Work = { ids: 1_811, changed: 0, webhooksChecked: 1_811, webhooksCreated: 0 };

const floor = (work: Partial<Work>, isLimited = false): number =>
  floorSeconds({ ...NIGHTLY, ...work }, { latencyMs: 100, isLimited, limits: PUBLISHED_LIMITS });

describe('the floor without limits', () => {
  it('has the first page alone, and then a hundred requests in flight at a time', () => {
    // 18 pages, 19 queries and 1,811 webhooks are 1,848.
    expect(floor({})).toBeCloseTo(0.1 + 1.9);
  });

  it('has round trips for requests that depend on answers', () => {
    expect(floor({ ids: 0, webhooksChecked: 0 })).toBeCloseTo(0.1);
    expect(floor({ ids: 50, webhooksChecked: 50 })).toBeCloseTo(0.2);
    expect(floor({ ids: 200, webhooksChecked: 0 })).toBeCloseTo(0.3);
    expect(floor({ ids: 200, webhooksChecked: 0, changed: 1 })).toBeCloseTo(0.4);
  });

  it('has one round trip for each write', () => {
    expect(floor({ webhooksCreated: 40 })).toBeCloseTo(0.2 + 4);
  });
});

describe('the floor with limits', () => {
  it('has the minutes that must pass before the last request is allowed', () => {
    expect(floor({ ids: 801, webhooksChecked: 891 }, true)).toBeCloseTo(1.1);
    expect(floor({ ids: 801, webhooksChecked: 892 }, true)).toBe(60);
    expect(floor({}, true)).toBe(120);
  });

  it('has the hours that must pass if a bank has more repositories than an hour has requests', () => {
    expect(floor({ ids: 5_000, webhooksChecked: 4_950 }, true)).toBe(5 * 60);
    expect(floor({ ids: 5_000, webhooksChecked: 4_951 }, true)).toBe(3_600);
  });

  it('has the minutes in which GitHub computes the heads', () => {
    // 300 queries of 3.5 s are 17.5 minutes.
    expect(floor({ ids: 30_000, webhooksChecked: 0 }, true)).toBe(17 * 60);
    expect(floor({ ids: 30_000, webhooksChecked: 0 })).toBeLessThan(60);
  });

  it('has the minutes that the writes take', () => {
    expect(floor({ ids: 81, webhooksChecked: 0, webhooksCreated: 80 }, true)).toBeCloseTo(8.2);
    expect(floor({ ids: 81, webhooksChecked: 0, webhooksCreated: 81 }, true)).toBe(60);
  });
});
