import type { Clock } from '../shared/clock.ts';
import { createWaits, type Waits } from './waits.ts';

/** A 403 without a reason. */
interface Refusal {
  /** The repository that it is about; undefined if it concerns more than one. */
  repository: string | undefined;
  message: string;
}

/** What a client makes of GitHub's refusals. */
export interface Refusals {
  /** When to retry after a rate limit for which GitHub names no time. Each further limit doubles the wait. */
  resumeAfterLimit: (clock: Clock) => Date;
  /** When to retry after a refusal that may be a rate limit; undefined if it counts as a missing permission. */
  resumeAfterSuspicion: (refusal: Refusal, clock: Clock) => Date | undefined;
  /** Records that GitHub answered a request with success. */
  succeeded: () => void;
}

// If reads of this many repositories in a row are refused with the same message, the repositories are not the cause.
const MIN_REPOSITORIES = 3;
// After a wait of one minute and one of two, such a refusal counts as a missing permission for an hour. A run whose
// token lacks the permission therefore waits for only a few minutes.
const MAX_SUSPICIONS = 2;

export function createRefusals(waits: Pick<Waits, 'next' | 'state'> = createWaits()): Refusals {
  let burst: { message: string; repositories: Set<string> } | undefined;
  const isBurst = ({ repository, message }: Refusal): boolean => {
    if (repository === undefined) return true;
    if (burst?.message !== message) burst = { message, repositories: new Set() };
    burst.repositories.add(repository);
    return burst.repositories.size >= MIN_REPOSITORIES;
  };
  return {
    resumeAfterLimit: (clock) => waits.next('limit', clock),
    resumeAfterSuspicion: (refusal, clock) => {
      const { count, isLasting } = waits.state('suspicion', clock);
      if (isLasting) return waits.next('suspicion', clock);
      if (count >= MAX_SUSPICIONS || !isBurst(refusal)) return undefined;
      burst = undefined;
      return waits.next('suspicion', clock);
    },
    succeeded: () => {
      burst = undefined;
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
