import type { Clock } from '../shared/clock.ts';

/** A 403 by which GitHub explains nothing. */
interface Refusal {
  /** The repository that it is about; undefined if it concerns more than one. */
  repository: string | undefined;
  message: string;
}

/** What a client remembers of GitHub's refusals. It outlives an invocation, as the client does. */
export interface Refusals {
  /** When to ask again after a rate limit for which GitHub names no time: later after each further one. */
  resumeAfterLimit: (clock: Clock) => Date;
  /** When to ask again after a refusal that may be a rate limit; undefined if it counts as a missing permission. */
  resumeAfterSuspicion: (refusal: Refusal, clock: Clock) => Date | undefined;
  /** Says that GitHub answered a request. */
  succeeded: () => void;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
// GitHub asks for waits that grow exponentially. Without a limit, a run would sleep through the end of a limit.
const MAX_WAIT_MS = 16 * MINUTE_MS;
// A limit that is met so long after the last wait has another cause.
const FORGET_LIMITS_AFTER_MS = 10 * MINUTE_MS;
// Refused for three repositories in a row, in the same words: more than a few repositories have in common.
const MIN_REPOSITORIES = 3;
// After one minute and after two, the same refusal is a missing permission. It stays one for an hour, so that a run of a
// token without the permission waits for minutes only.
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

/** Waits of one minute, two, four and so on. Once none was needed for `forgetAfterMs`, they start again at one minute. */
function growingWaits(forgetAfterMs: number) {
  let waits = 0;
  let until = Number.NEGATIVE_INFINITY;
  const state = ({ now }: Clock) => {
    const time = now().getTime();
    return { count: time > until + forgetAfterMs ? 0 : waits, isWaiting: time < until };
  };
  return {
    state,
    /** The end of the wait that is under way, or of a new one. The random part keeps workers from returning together. */
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

// Whatever GitHub calls the limits, in the message or in the address of its documentation:
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api, formerly `#abuse-rate-limits`.
const LIMITS = /rate limit|rate-limit(?:s|ing)\b|abuse detection|secondary quota/i;
const ASKS_TO_WAIT =
  /too many requests|submitted too quickly|temporarily blocked|login attempts exceeded|wait a few minutes|again later/i;

/** GitHub's API answers in JSON. An HTML page comes from a proxy, unless it names GitHub's limits. */
export const HTML = /^\s*</;

/** Whether the message of a refusal is about a rate limit, in any wording that GitHub has used. */
export const isAboutLimits = (message: string): boolean =>
  LIMITS.test(message) || (!HTML.test(message) && ASKS_TO_WAIT.test(message));

/** How GitHub explains a 403 that no wait changes. */
const EXPLANATION =
  /not accessible|not have access|must (?:have|be|grant)|admin (?:access|rights)|saml|correct authorization credentials|forbids access|access blocked|suspended|archived|disabled|not granted|permission|scope|administrative rules|upgrade to/i;

export const isExplained = (message: string): boolean => EXPLANATION.test(message);
