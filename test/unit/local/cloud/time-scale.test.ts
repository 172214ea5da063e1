import { expect, it, onTestFinished, vi } from 'vitest';
import { scaleTime } from '../../../../local/cloud/time-scale.ts';

const SINCE = Date.parse('2026-11-24T09:00:00.000Z');

/** Scales the time of this thread until the test ends. */
function useScaledTime(scale: number): void {
  const { Date: date, setTimeout, setInterval } = globalThis;
  onTestFinished(() => void Object.assign(globalThis, { Date: date, setTimeout, setInterval }));
  vi.useFakeTimers({ now: SINCE + 1_000 });
  onTestFinished(() => void vi.useRealTimers());
  scaleTime({ scale, since: SINCE });
}

it('the clock runs faster by the scale', () => {
  useScaledTime(60);
  const shown = '2026-11-24T09:01:00.000Z';
  expect(new Date().toISOString()).toBe(shown);
  expect(Date.now()).toBe(Date.parse(shown));
  expect(new Date(Date())).toEqual(new Date(shown));
});

it('explicit dates are not scaled', () => {
  useScaledTime(60);
  expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
  expect(new Date(2026, 0, 31)).toBeInstanceOf(Date);
  expect(Date.UTC(1970, 0, 2)).toBe(86_400_000);
});

it('timers fire earlier by the scale, and pass on their arguments', async () => {
  useScaledTime(60);
  const [onTimeout, onInterval] = [vi.fn(), vi.fn()];
  setTimeout(onTimeout, 60_000, 'once');
  const interval = setInterval(onInterval, 60_000);
  vi.advanceTimersByTime(999);
  expect(onTimeout).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_001);
  clearInterval(interval);
  expect(onTimeout.mock.calls).toEqual([['once']]);
  expect(onInterval).toHaveBeenCalledTimes(2);
});
