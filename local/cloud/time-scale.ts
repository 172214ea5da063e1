/** A clock that runs faster than the real one by the factor `scale`. */
export interface TimeScale {
  scale: number;
  /** When both clocks show the same time, in milliseconds since the epoch. */
  since: number;
}

/**
 * Switches `Date` and the timers of this thread to the scaled clock, so that an hour of waiting passes in seconds. Code
 * that waits for work or measures it must use the real clock: timers from `node:timers`, and `performance`.
 */
export function scaleTime({ scale, since }: TimeScale): void {
  const real = Date;
  const now = (): number => Math.floor(since + (real.now() - since) * scale);
  globalThis.Date = new Proxy(real, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: () => new real(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  globalThis.setTimeout = scaled(setTimeout, scale);
  globalThis.setInterval = scaled(setInterval, scale);
}

function scaled<Timer extends typeof setTimeout | typeof setInterval>(timer: Timer, scale: number): Timer {
  return new Proxy(timer, {
    apply: (target, self, [work, delayMs = 0, ...rest]) =>
      Reflect.apply(target, self, [work, delayMs / scale, ...rest]),
  });
}
