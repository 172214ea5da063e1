import { describe, expect, it } from 'vitest';
import { floorSeconds, type Work } from '../../../bench/github/floor.ts';
import { PUBLISHED_LIMITS } from '../../../local/github/limits/published-limits.ts';

const NIGHTLY: Work = { ids: 1_811, changed: 0, webhooksChecked: 1_811, webhooksCreated: 0 };

const floor = (work: Partial<Work>, isLimited = false): number =>
  floorSeconds({ ...NIGHTLY, ...work }, { latencyMs: 100, isLimited, limits: PUBLISHED_LIMITS });

describe('without limits nobody is faster than', () => {
  it('everything in flight a hundred at a time, after the first page', () => {
    // 18 pages, 19 queries and 1,811 webhooks are 1,848.
    expect(floor({})).toBeCloseTo(0.1 + 1.9);
  });

  it('what needs an answer before it can be asked', () => {
    expect(floor({ ids: 0, webhooksChecked: 0 })).toBeCloseTo(0.1);
    expect(floor({ ids: 50, webhooksChecked: 50 })).toBeCloseTo(0.2);
    expect(floor({ ids: 200, webhooksChecked: 0 })).toBeCloseTo(0.3);
    expect(floor({ ids: 200, webhooksChecked: 0, changed: 1 })).toBeCloseTo(0.4);
  });

  it('writes one after another', () => {
    expect(floor({ webhooksCreated: 40 })).toBeCloseTo(0.2 + 4);
  });
});

describe('with limits nobody is faster than', () => {
  it('the minutes that have to pass before the last request is allowed', () => {
    expect(floor({ ids: 801, webhooksChecked: 891 }, true)).toBeCloseTo(1.1);
    expect(floor({ ids: 801, webhooksChecked: 892 }, true)).toBe(60);
    expect(floor({}, true)).toBe(120);
  });

  it('the hours, where a bank has more repositories than an hour has requests', () => {
    expect(floor({ ids: 5_000, webhooksChecked: 4_950 }, true)).toBe(5 * 60);
    expect(floor({ ids: 5_000, webhooksChecked: 4_951 }, true)).toBe(3_600);
  });

  it('the writes that GitHub takes in a minute', () => {
    expect(floor({ ids: 81, webhooksChecked: 0, webhooksCreated: 80 }, true)).toBeCloseTo(8.2);
    expect(floor({ ids: 81, webhooksChecked: 0, webhooksCreated: 81 }, true)).toBe(60);
  });
});
