import type { Clock } from '../shared/clock.ts';

// If GitHub names no time, it asks for at least a minute, and for longer after each further refusal. An invocation does
// not know how often others were refused, so each one adds a random part of a second minute.
const DEFAULT_WAIT_MS = 60_000;
// A time in the past by our clock must not make the state machine loop without a pause.
const MIN_WAIT_MS = 5_000;
// Spreads ten workers over 5 s, so that they return about half a second apart, like paced requests.
const SPREAD_MS = 5_000;

/**
 * When to ask GitHub again. The jitter keeps workers from returning at the same moment.
 * @param named the time that GitHub named, if it named a valid one.
 */
export function resumeAt(named: Date | undefined, { now, random = () => 0 }: Clock): Date {
  const time = now().getTime();
  const isNamed = named !== undefined && !Number.isNaN(named.getTime());
  if (!isNamed) return new Date(time + DEFAULT_WAIT_MS * (1 + random()));
  return new Date(Math.max(named.getTime(), time + MIN_WAIT_MS) + SPREAD_MS * random());
}
