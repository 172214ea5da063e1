import type { Clock } from '../shared/clock.ts';
import type { NamedCause } from '../shared/github-waits.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { resumeAfter, type Waits } from './waits.ts';

/** The time, and what the client remembers of earlier refusals and waits. */
export interface Waiting extends Clock {
  github?: { refusals: Refusals; waits: Pick<Waits, 'noteNamed'> };
}

// A time in the past by our clock must not make the state machine loop without a pause.
const MIN_WAIT_MS = 5_000;

/**
 * When to ask GitHub again, with jitter.
 * @param named the time that GitHub named, if any. Without a valid time, GitHub's documentation asks for at least a
 * minute, and for longer after each further refusal.
 * @param cause which requests the named time is about; all by default.
 */
export function resumeAt(named: Date | undefined, waiting: Waiting, cause: NamedCause = 'named'): Date {
  const { now, github } = waiting;
  const isNamed = named !== undefined && !Number.isNaN(named.getTime());
  if (!isNamed) return (github?.refusals ?? createRefusals()).resumeAfterLimit(waiting);
  const until = new Date(Math.max(named.getTime(), now().getTime() + MIN_WAIT_MS));
  github?.waits.noteNamed(cause, until, waiting);
  return resumeAfter(cause, until, waiting);
}
