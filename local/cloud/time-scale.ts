/** A clock that goes so many times faster than the real one. */
export interface TimeScale {
  scale: number;
  /** When both show the same time, in milliseconds since the epoch. */
  since: number;
}

/**
 * Has `Date` and the timers of this thread go by that clock from here on, so that what waits for an hour waits for
 * seconds. What is not to be hurried, because it measures work or waits for it, takes its timers from `node:timers`
 * and its time from `performance`.
 */
export function hurry({ scale, since }: TimeScale): void {
  const real = Date;
  const now = (): number => Math.floor(since + (real.now() - since) * scale);
  globalThis.Date = new Proxy(real, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: () => new real(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  globalThis.setTimeout = hurried(setTimeout, scale);
  globalThis.setInterval = hurried(setInterval, scale);
}

function hurried<Timer extends typeof setTimeout | typeof setInterval>(timer: Timer, scale: number): Timer {
  return new Proxy(timer, {
    apply: (target, self, [work, delayMs = 0, ...rest]) =>
      Reflect.apply(target, self, [work, delayMs / scale, ...rest]),
  });
}
