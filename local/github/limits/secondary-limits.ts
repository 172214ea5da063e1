import type { PublishedLimits } from './published-limits.ts';
import { createRollingWindow, type WindowSize } from './rolling-window.ts';

type Api = 'rest' | 'graphql';

/** A secondary limit is exceeded. */
export interface Excess {
  of: 'requests' | 'content';
  retryAfterSeconds: number;
}

export interface SecondaryLimits {
  /** A request has come. Unless it is too much, it is in flight until `leave`. */
  enter(api: Api): Excess | undefined;
  leave(): void;
  /** Takes the points, unless they are too many. */
  spend(api: Api, points: number): Excess | undefined;
  /** A write that creates content. */
  create(): Excess | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export function createSecondaryLimits(limits: PublishedLimits, now: () => Date): SecondaryLimits {
  const pool = (...sizes: WindowSize[]): Pool => createPool(sizes, limits.secondaryWaitSeconds * 1000, now);
  const pools = {
    rest: pool({ limit: limits.restPointsPerMinute, lengthMs: MINUTE_MS }),
    graphql: pool({ limit: limits.graphqlPointsPerMinute, lengthMs: MINUTE_MS }),
  };
  const content = pool(
    { limit: limits.contentWritesPerMinute, lengthMs: MINUTE_MS },
    { limit: limits.contentWritesPerHour, lengthMs: HOUR_MS },
  );
  let inFlight = 0;
  /** Too many at once concerns both APIs. */
  const limitBoth = (): number => Math.max(pools.rest.limit(), pools.graphql.limit());
  return {
    enter(api) {
      const isTooMany = inFlight >= limits.requestsInFlight;
      const excess = excessOf('requests', isTooMany ? limitBoth() : pools[api].wait());
      if (excess === undefined) inFlight += 1;
      return excess;
    },
    leave() {
      inFlight -= 1;
    },
    spend: (api, points) => excessOf('requests', pools[api].take(points)),
    create: () => excessOf('content', content.take(1)),
  };
}

function excessOf(of: Excess['of'], retryAfterSeconds: number | undefined): Excess | undefined {
  return retryAfterSeconds === undefined ? undefined : { of, retryAfterSeconds };
}

/** Windows that limit together. */
interface Pool {
  /** How many seconds are left to wait, and from now on more; undefined when nothing is limited. */
  wait(): number | undefined;
  /** Takes the points, or says how many seconds to wait. */
  take(points: number): number | undefined;
  /** Takes nothing more for a while, and says how many seconds that is. */
  limit(): number;
}

function createPool(sizes: readonly WindowSize[], leastWaitMs: number, now: () => Date): Pool {
  const windows = sizes.map((size) => createRollingWindow(size, now));
  let limitedUntil = 0;
  const limitFor = (waitMs: number): number => {
    const time = now().getTime();
    limitedUntil = Math.max(limitedUntil, time + Math.max(waitMs, leastWaitMs));
    return Math.ceil((limitedUntil - time) / 1000);
  };
  // Whoever does not wait has to wait for longer; GitHub may even ban it.
  const wait = (): number | undefined => (now().getTime() < limitedUntil ? limitFor(0) : undefined);
  return {
    wait,
    take(points) {
      const seconds = wait();
      if (seconds !== undefined) return seconds;
      const waitMs = Math.max(...windows.map((window) => window.waitMs(points)));
      if (waitMs > 0) return limitFor(waitMs);
      for (const window of windows) window.add(points);
      return undefined;
    },
    limit: () => limitFor(0),
  };
}
