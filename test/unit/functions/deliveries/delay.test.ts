import { describe, expect, it } from 'vitest';
import { delayOf } from '../../../../functions/deliveries/queue.ts';
import { createClock, HOUR_MS, MINUTE_MS } from '../../../support/clock.ts';

const clock = createClock();
const inFuture = (ms: number) => new Date(clock.now().getTime() + ms);
const TEN_RECEIPTS = Array.from({ length: 10 }, (_, index) => index + 1);
const withJitter = (random: number) => ({ now: clock.now, random: () => random });

describe('the delay of a message that returns', () => {
  it('doubles with each receipt, up to an hour', () => {
    const delays = TEN_RECEIPTS.map((receiveCount) => delayOf(receiveCount, undefined, clock));
    expect(delays).toEqual([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
  });

  it('is a few seconds if only the time of the invocation was used up, but twice at most', () => {
    const deferral = { kind: 'out-of-time', resumeAt: clock.now() } as const;
    const delays = TEN_RECEIPTS.map((receiveCount) => delayOf(receiveCount, deferral, clock));
    expect(delays).toEqual([2, 4, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
  });

  it('is not shorter than GitHub asks to wait, and not longer than an hour', () => {
    const limited = (ms: number) => ({ kind: 'rate-limited', resumeAt: inFuture(ms) }) as const;
    expect(delayOf(1, limited(20 * MINUTE_MS), clock)).toBe(1_200);
    expect(delayOf(8, limited(MINUTE_MS), clock)).toBe(3_600);
    expect(delayOf(1, limited(3 * HOUR_MS), clock)).toBe(3_600);
  });

  it('differs between messages', () => {
    expect([0, 0.5, 1].map((random) => delayOf(1, undefined, withJitter(random)))).toEqual([30, 38, 45]);
    const deferral = { kind: 'outage', resumeAt: inFuture(10 * MINUTE_MS) } as const;
    expect([0, 1].map((random) => delayOf(1, deferral, withJitter(random)))).toEqual([600, 660]);
  });
});
