import { expect, it } from 'vitest';
import { createTokenBucket } from '../../../../local/cloud/token-bucket.ts';

it('grants the burst at once, then the rate, and never accumulates more than the burst', () => {
  let nowMs = 0;
  const bucket = createTokenBucket({ ratePerSecond: 2, burst: 3 }, () => nowMs);
  const take = (times: number) => Array.from({ length: times }, () => bucket.take());
  expect(take(4)).toEqual([true, true, true, false]);
  nowMs = 499;
  expect(take(1)).toEqual([false]);
  nowMs = 500;
  expect(take(2)).toEqual([true, false]);
  nowMs = 60_000;
  expect(take(4)).toEqual([true, true, true, false]);
});
