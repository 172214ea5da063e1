import type { Clock } from '../shared/clock.ts';

// GitHub asks for at least a minute where it names no time, and for longer each time after that. No invocation knows
// how often others were refused, so each waits for a share of a second minute.
const UNNAMED_WAIT_MS = 60_000;
// A time that has passed by our clock, or no time at all, would have the state machine turn in circles.
const SHORTEST_WAIT_MS = 5_000;
// Ten workers that come back within it are half a second apart, about as far as their requests are.
const SPREAD_MS = 5_000;

/** When to ask again, where GitHub names the time, or none. */
export function resumeAt(named: Date | undefined, { now, random = () => 0 }: Clock): Date {
  const time = now().getTime();
  if (named === undefined) return new Date(time + UNNAMED_WAIT_MS * (1 + random()));
  return new Date(Math.max(named.getTime(), time + SHORTEST_WAIT_MS) + SPREAD_MS * random());
}
