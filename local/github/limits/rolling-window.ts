export interface RollingWindow {
  /** How long it takes until so many points fit; 0 when they fit now. */
  waitMs(points: number): number;
  add(points: number): void;
}

export interface WindowSize {
  limit: number;
  lengthMs: number;
}

/**
 * At no moment were more points spent in the time before it. GitHub does not say how it divides time into minutes;
 * whoever keeps to this one keeps to minutes that begin at any second.
 */
export function createRollingWindow({ limit, lengthMs }: WindowSize, now: () => Date): RollingWindow {
  const spent: { at: number; points: number }[] = [];
  let total = 0;
  const forgetUntil = (end: number): void => {
    for (let oldest = spent[0]; oldest !== undefined && oldest.at <= end; oldest = spent[0]) {
      spent.shift();
      total -= oldest.points;
    }
  };
  return {
    waitMs(points) {
      const time = now().getTime();
      forgetUntil(time - lengthMs);
      let excess = total + points - limit;
      if (excess <= 0) return 0;
      for (const { at, points: freed } of spent) {
        excess -= freed;
        if (excess <= 0) return at + lengthMs - time;
      }
      return lengthMs;
    },
    add(points) {
      spent.push({ at: now().getTime(), points });
      total += points;
    },
  };
}
