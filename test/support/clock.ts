import { onTestFinished, vi } from 'vitest';

/** The clock of a test. Time passes only when the test advances it. */
export interface Clock {
  now: () => Date;
  advance: (milliseconds: number) => void;
  set: (at: Date | string) => void;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

export function createClock(start = '2026-11-23T09:00:00.000Z'): Clock {
  let ms = Date.parse(start);
  return {
    now: () => new Date(ms),
    advance: (milliseconds) => {
      ms += milliseconds;
    },
    set: (at) => {
      ms = new Date(at).getTime();
    },
  };
}

/** The pause of a client that repeats requests at once. */
export const withoutPause = async (): Promise<void> => {};

/** From now on, timers of the test elapse at once, such as the pauses between retries. */
export function skipPauses(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.setTimerTickMode('nextTimerAsync');
  onTestFinished(() => void vi.useRealTimers());
}
