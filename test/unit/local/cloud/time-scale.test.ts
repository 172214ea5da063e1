import { expect, it, onTestFinished, vi } from 'vitest';
import { scaleTime } from '../../../../local/cloud/time-scale.ts';

const SINCE = Date.parse('2026-11-24T09:00:00.000Z');

/** A thread whose globals are its own: those of this one are put back. */
function scaleTimeing(scale: number): void {
  const { Date: date, setTimeout, setInterval } = globalThis;
  onTestFinished(() => void Object.assign(globalThis, { Date: date, setTimeout, setInterval }));
  vi.useFakeTimers({ now: SINCE + 1_000 });
  onTestFinished(() => void vi.useRealTimers());
  scaleTime({ scale, since: SINCE });
}

it('the clock is as far from its start as so many times the real one', () => {
  scaleTimeing(60);
  const shown = '2026-11-24T09:01:00.000Z';
  expect(new Date().toISOString()).toBe(shown);
  expect(Date.now()).toBe(Date.parse(shown));
  expect(new Date(Date())).toEqual(new Date(shown));
});

it('a date that is given is what it was', () => {
  scaleTimeing(60);
  expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
  expect(new Date(2026, 0, 31)).toBeInstanceOf(Date);
  expect(Date.UTC(1970, 0, 2)).toBe(86_400_000);
});

it('timers wait for so much less, and pass on what they are given', async () => {
  scaleTimeing(60);
  const [rung, beaten] = [vi.fn(), vi.fn()];
  setTimeout(rung, 60_000, 'once');
  const beat = setInterval(beaten, 60_000);
  vi.advanceTimersByTime(999);
  expect(rung).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_001);
  clearInterval(beat);
  expect(rung.mock.calls).toEqual([['once']]);
  expect(beaten).toHaveBeenCalledTimes(2);
});
