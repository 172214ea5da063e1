export interface RollingWindow {
  /** The time until the points fit into the window; 0 when they fit now. */
  waitMs(points: number): number;
  add(points: number): void;
}

export interface WindowSize {
  limit: number;
  lengthMs: number;
}

/**
 * Limits the points spent in any period of the given length. GitHub does not say when its minutes begin, so this is the
 * strictest interpretation: it covers minutes that begin at any second.
 */
export function createRollingWindow({ limit, lengthMs }: WindowSize, now: () => Date): RollingWindow {
  const spent: { at: number; points: number }[] = [];
  let total = 0;
  const expireUntil = (end: number): void => {
    for (let oldest = spent[0]; oldest !== undefined && oldest.at <= end; oldest = spent[0]) {
      spent.shift();
      total -= oldest.points;
    }
  };
  return {
    waitMs(points) {
      const time = now().getTime();
      expireUntil(time - lengthMs);
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
