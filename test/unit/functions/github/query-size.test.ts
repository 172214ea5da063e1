import { describe, expect, it } from 'vitest';
import { createQuerySize, type MeasuredQuery } from '../../../../functions/github/query-size.ts';

const SECOND_MS = 1_000;

/** The size after these queries, each as large as the size allowed unless it says otherwise. */
function sizeAfter(start: number, queries: readonly (Partial<MeasuredQuery> & { ms: number })[]): number {
  const size = createQuerySize(100, start);
  for (const query of queries) size.measured({ count: size.current(), answer: 'complete', ...query });
  return size.current();
}

const taking = (seconds: number) => ({ ms: seconds * SECOND_MS });
const times = (count: number, query: Partial<MeasuredQuery> & { ms: number }) =>
  Array.from({ length: count }, () => query);

describe('the size of a query', () => {
  it.each([
    ['stays between three and five seconds', 40, [taking(3), taking(5), taking(4)], 40],
    ['is halved above five seconds', 100, [taking(5.001)], 50],
    [
      'is halved again and again if GitHub gives up, down to one',
      100,
      times(20, { ms: 10_000, answer: 'none' }),
      1,
    ],
    ['is halved down to 25 if every answer is slow', 100, times(20, taking(6)), 25],
    ['grows by a quarter below three seconds', 40, [taking(2.999)], 50],
    ['grows from one, too', 1, [taking(0.3)], 2],
    ['grows to 100 at most', 90, times(3, taking(1)), 100],
    ['grows again after a slow answer', 100, [taking(5.2), taking(2.7), taking(3.3)], 63],
    ['is halved after a timeout', 100, [{ ms: 10_000, answer: 'none' }], 50],
    ['is halved if GitHub says that the query is too large', 100, [{ ms: 300, answer: 'too-large' }], 50],
    ['does not change after a failure that comes at once', 40, [{ ms: 20, answer: 'none' }], 40],
    ['does not grow after a query for fewer repositories', 80, [{ ms: 300, count: 7 }], 80],
    ['is half of what was too slow', 100, [{ ms: 8_000, count: 80 }], 40],
  ] as const)('%s', (_, start, queries, size) => {
    expect(sizeAfter(start, queries)).toBe(size);
  });

  it.each([
    [0, 1],
    [-5, 1],
    [1_000, 100],
  ])('starts within its limits: %i', (start, size) => {
    expect(createQuerySize(100, start).current()).toBe(size);
  });
});

describe('the expected time of a query', () => {
  it('is unknown at first', () => {
    expect(createQuerySize(100).expectedMs(100)).toBe(0);
  });

  it('follows from that of the last query and from the number of repositories', () => {
    const size = createQuerySize(100, 50);
    size.measured({ count: 50, ms: 2_400, answer: 'complete' });
    expect(size.expectedMs(50)).toBe(2_400);
    expect(size.expectedMs(10)).toBe(480);
    expect(size.expectedMs(100)).toBe(4_800);
  });

  it('does not follow from a query for a few repositories, or from a failure that came at once', () => {
    const size = createQuerySize(100);
    size.measured({ count: 100, ms: 4_400, answer: 'complete' });
    size.measured({ count: 3, ms: 400, answer: 'complete' });
    size.measured({ count: 100, ms: 10, answer: 'none' });
    expect(size.expectedMs(100)).toBe(4_400);
  });
});
