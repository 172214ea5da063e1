import type { PublishedLimits } from './published-limits.ts';
import { createRollingWindow, type WindowSize } from './rolling-window.ts';

type Api = 'rest' | 'graphql';

/** An exceeded secondary limit. */
export interface Excess {
  of: 'requests' | 'content';
  retryAfterSeconds: number;
}

export interface SecondaryLimits {
  /** Registers a request, which is in flight until `leave` unless it is refused. */
  enter(api: Api): Excess | undefined;
  leave(): void;
  /** Takes the points unless they exceed the limit. */
  spend(api: Api, points: number): Excess | undefined;
  /** Counts a content-creating write. */
  create(): Excess | undefined;
  /** Refuses a query if the queries of the last minute have used up the computing time. */
  startComputing(): Excess | undefined;
  /** Counts computing time of a query that was not refused. */
  computed(ms: number): void;
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
  const computing = pool({ limit: limits.graphqlComputingMsPerMinute, lengthMs: MINUTE_MS });
  let inFlight = 0;
  /** Too many concurrent requests block both APIs. */
  const blockBoth = (): number => Math.max(pools.rest.block(), pools.graphql.block());
  return {
    enter(api) {
      const isTooMany = inFlight >= limits.requestsInFlight;
      const excess = excessOf('requests', isTooMany ? blockBoth() : pools[api].wait());
      if (excess === undefined) inFlight += 1;
      return excess;
    },
    leave() {
      inFlight -= 1;
    },
    spend: (api, points) => excessOf('requests', pools[api].take(points)),
    create: () => excessOf('content', content.take(1)),
    // How long a query takes is known only afterwards, so that the one that exceeds the limit is still answered.
    startComputing: () => excessOf('requests', computing.take(0)),
    computed: computing.add,
  };
}

function excessOf(of: Excess['of'], retryAfterSeconds: number | undefined): Excess | undefined {
  return retryAfterSeconds === undefined ? undefined : { of, retryAfterSeconds };
}

/** Rolling windows that apply together. */
interface Pool {
  /** Seconds to wait, which this call extends; undefined when the pool is not blocked. */
  wait(): number | undefined;
  /** Takes the points, or returns the seconds to wait. */
  take(points: number): number | undefined;
  /** Takes the points, even if they exceed the limit. */
  add(points: number): void;
  /** Blocks the pool, and returns the seconds to wait. */
  block(): number;
}

function createPool(sizes: readonly WindowSize[], minWaitMs: number, now: () => Date): Pool {
  const windows = sizes.map((size) => createRollingWindow(size, now));
  let blockedUntil = 0;
  const blockFor = (waitMs: number): number => {
    const time = now().getTime();
    blockedUntil = Math.max(blockedUntil, time + Math.max(waitMs, minWaitMs));
    return Math.ceil((blockedUntil - time) / 1000);
  };
  // A client that does not wait has to wait longer; GitHub may even ban it.
  const wait = (): number | undefined => (now().getTime() < blockedUntil ? blockFor(0) : undefined);
  const add = (points: number): void => {
    for (const window of windows) window.add(points);
  };
  return {
    wait,
    add,
    take(points) {
      const seconds = wait();
      if (seconds !== undefined) return seconds;
      const waitMs = Math.max(...windows.map((window) => window.waitMs(points)));
      if (waitMs > 0) return blockFor(waitMs);
      add(points);
      return undefined;
    },
    block: () => blockFor(0),
  };
}
