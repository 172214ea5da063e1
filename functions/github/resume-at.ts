import type { Clock } from '../shared/clock.ts';
import { createRefusals, type Refusals } from './refusals.ts';

/** The time, and what the client remembers of earlier refusals. */
export interface Waiting extends Clock {
  github?: { refusals: Refusals };
}

// A time in the past by our clock must not make the state machine loop without a pause.
const MIN_WAIT_MS = 5_000;
// Spreads ten workers over 5 s, so that they return about half a second apart, like paced requests.
const SPREAD_MS = 5_000;

/**
 * When to ask GitHub again. The jitter keeps workers from returning at the same moment.
 * @param named the time that GitHub named, if any. Without a valid time, GitHub's documentation asks for at least a
 * minute, and for longer after each further refusal.
 */
export function resumeAt(named: Date | undefined, waiting: Waiting): Date {
  const { now, random = () => 0, github } = waiting;
  const isNamed = named !== undefined && !Number.isNaN(named.getTime());
  if (!isNamed) return (github?.refusals ?? createRefusals()).resumeAfterLimit(waiting);
  return new Date(Math.max(named.getTime(), now().getTime() + MIN_WAIT_MS) + SPREAD_MS * random());
}
