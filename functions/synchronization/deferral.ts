import type { DeferrableResult } from '../shared/contract/workflow.ts';
import type { Invocation } from '../shared/middleware.ts';
import type { Pause } from './pause.ts';

// What is under way when a minute is left still has that minute. A request takes 50 s of it at most, with its attempts and
// the pauses between them, and a query that got no answer is not asked again after that.
const TIME_TO_STOP_MS = 60_000;

/**
 * A pause once the run is over, or the invocation has less than a minute left: another one goes on at once, if
 * the run is not over.
 */
export function outOfTime({ remainingTimeMs, now }: Invocation, deadline: string): Pause | undefined {
  if (now().getTime() >= Date.parse(deadline)) return { resumeAt: now(), why: 'the deadline has passed' };
  if (remainingTimeMs() > TIME_TO_STOP_MS) return undefined;
  return { resumeAt: now(), why: 'the function is out of time' };
}

/** The state machine is to call again, unless the run is over by then. */
export function resumesWithin(deadline: string, { resumeAt }: Pause): boolean {
  return resumeAt.getTime() < Date.parse(deadline);
}

export const deferredUntil = ({ resumeAt }: Pause): DeferrableResult => ({
  deferred: true,
  resumeAt: resumeAt.toISOString(),
});

export const done = ({ now }: Invocation): DeferrableResult => ({
  deferred: false,
  resumeAt: now().toISOString(),
});
