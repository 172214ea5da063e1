import { describe, expect, it } from 'vitest';
import { scaledClock } from '../../../../local/github/scaled-clock.ts';
import { createClock } from '../../../support/clock.ts';

const NINE = '2026-11-23T09:00:00.000Z';

describe('scaledClock', () => {
  it.each([
    { scale: 1, shows: '2026-11-23T09:00:01.500Z' },
    { scale: 60, shows: '2026-11-23T09:01:30.000Z' },
    { scale: 3_600, shows: '2026-11-23T10:30:00.000Z' },
  ])('shows $shows a second and a half after nine when it goes $scale times as fast', ({ scale, shows }) => {
    const clock = createClock(NINE);
    const scaled = scaledClock({ scale, startedAt: clock.now(), real: clock.now });
    expect(scaled().toISOString()).toBe(NINE);
    clock.advance(1_500);
    expect(scaled().toISOString()).toBe(shows);
  });

  it('agrees with another of the same start, whenever either was made', () => {
    const clock = createClock(NINE);
    const scale = { scale: 60, startedAt: clock.now(), real: clock.now };
    const early = scaledClock(scale);
    clock.advance(20_000);
    const late = scaledClock(scale);
    expect(late()).toEqual(early());
    expect(late().toISOString()).toBe('2026-11-23T09:20:00.000Z');
  });

  it.each([0, -1, Number.NaN])('cannot go %d times as fast', (scale) => {
    const { now } = createClock(NINE);
    expect(() => scaledClock({ scale, startedAt: now(), real: now })).toThrow(RangeError);
  });
});
