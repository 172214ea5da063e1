import type { Clock } from '../shared/clock.ts';

/** A 403 without a reason. */
interface Refusal {
  /** The repository that it is about; undefined if it concerns more than one. */
  repository: string | undefined;
  message: string;
}

/** What a client remembers of GitHub's refusals. It outlives an invocation, as the client does. */
export interface Refusals {
  /** When to retry after a rate limit for which GitHub names no time. Each further limit doubles the wait. */
  resumeAfterLimit: (clock: Clock) => Date;
  /** When to retry after a refusal that may be a rate limit; undefined if it counts as a missing permission. */
  resumeAfterSuspicion: (refusal: Refusal, clock: Clock) => Date | undefined;
  /** Records that GitHub answered a request with success. */
  succeeded: () => void;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
// GitHub asks clients to wait exponentially longer. Without a maximum, a run could go on waiting long after the rate
// limit has ended.
const MAX_WAIT_MS = 16 * MINUTE_MS;
// A rate limit that occurs this long after the last wait has a new cause.
const FORGET_LIMITS_AFTER_MS = 10 * MINUTE_MS;
// If reads of this many repositories in a row are refused with the same message, the repositories are not the cause.
const MIN_REPOSITORIES = 3;
// After a wait of one minute and one of two, such a refusal counts as a missing permission for an hour. A run whose
// token lacks the permission therefore waits for only a few minutes.
const MAX_SUSPICIONS = 2;

export function createRefusals(): Refusals {
  const limits = growingWaits(FORGET_LIMITS_AFTER_MS);
  const suspicions = growingWaits(HOUR_MS);
  let burst: { message: string; repositories: Set<string> } | undefined;
  const isBurst = ({ repository, message }: Refusal): boolean => {
    if (repository === undefined) return true;
    if (burst?.message !== message) burst = { message, repositories: new Set() };
    burst.repositories.add(repository);
    return burst.repositories.size >= MIN_REPOSITORIES;
  };
  return {
    resumeAfterLimit: (clock) => limits.next(clock),
    resumeAfterSuspicion: (refusal, clock) => {
      const { count, isWaiting } = suspicions.state(clock);
      if (isWaiting) return suspicions.next(clock);
      if (count >= MAX_SUSPICIONS || !isBurst(refusal)) return undefined;
      burst = undefined;
      return suspicions.next(clock);
    },
    succeeded: () => {
      burst = undefined;
    },
  };
}

/** Waits of one minute, two, four and so on. They start again at one minute after `forgetAfterMs` without a wait. */
function growingWaits(forgetAfterMs: number) {
  let waits = 0;
  let until = Number.NEGATIVE_INFINITY;
  const state = ({ now }: Clock) => {
    const time = now().getTime();
    return { count: time > until + forgetAfterMs ? 0 : waits, isWaiting: time < until };
  };
  return {
    state,
    /** The end of the current wait, or of a new one. The jitter keeps workers from returning at the same moment. */
    next: (clock: Clock): Date => {
      const { count, isWaiting } = state(clock);
      if (!isWaiting) {
        waits = count + 1;
        until = clock.now().getTime() + Math.min(MINUTE_MS * 2 ** count, MAX_WAIT_MS);
      }
      return new Date(until + MINUTE_MS * (clock.random?.() ?? 0));
    },
  };
}

// All names that GitHub has used for rate limits, in messages and in documentation URLs:
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api, formerly `#abuse-rate-limits`.
const LIMITS = /rate limit|rate-limit(?:s|ing)\b|abuse detection|secondary quota/i;
const ASKS_TO_WAIT =
  /too many requests|submitted too quickly|temporarily blocked|login attempts exceeded|wait a few minutes|again later/i;

/** GitHub's API answers in JSON. An HTML page comes from a proxy, unless it names GitHub's limits. */
export const HTML = /^\s*</;

/** Whether the message of a refusal is about a rate limit, in any wording that GitHub has used. */
export const isAboutLimits = (message: string): boolean =>
  LIMITS.test(message) || (!HTML.test(message) && ASKS_TO_WAIT.test(message));

/** Messages of a 403 that waiting does not change. */
const EXPLANATION =
  /not accessible|not have access|must (?:have|be|grant)|admin (?:access|rights)|saml|correct authorization credentials|forbids access|access blocked|suspended|archived|disabled|not granted|permission|scope|administrative rules|upgrade to/i;

export const isExplained = (message: string): boolean => EXPLANATION.test(message);
