import type { Octokit } from '@octokit/rest';
import type { Clock } from '../shared/clock.ts';
import { type Deferral, DeferredError } from '../shared/deferral.ts';
import {
  type GitHubWait,
  type GitHubWaits,
  type GrowingCause,
  isGrowing,
  MAX_WAIT_MS,
  type NamedCause,
  type SharedWaits,
  WAIT_CAUSES,
  type WaitCause,
} from '../shared/github-waits.ts';
import { kindOf, type RequestKind } from './request-kinds.ts';

/** What a client knows of the waits of all functions. It outlives an invocation, as the client does. */
export interface Waits {
  /** Why no request of this kind may be sent now. */
  deferral: (kind: RequestKind, clock: Clock) => Deferral | undefined;
  /** Notes a time that GitHub named. After an hour at most, GitHub is asked again. */
  noteNamed: (cause: NamedCause, until: Date, clock: Clock) => void;
  /** The end of the wait of this cause that lasts, or of a new one. With jitter. */
  next: (cause: GrowingCause, clock: Clock) => Date;
  /** How many waits of this cause there were in a row, unless the last one is too long ago. */
  state: (cause: GrowingCause, clock: Clock) => { count: number; isLasting: boolean };
  /** Reads what other functions have stored, unless that was done less than `maxAgeMs` ago. */
  refresh: (clock: Clock, maxAgeMs?: number) => Promise<void>;
  /** Stores what was noted since the last call, for the other functions. */
  share: (clock: Clock) => Promise<void>;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

interface Growth {
  /** The first wait. Each further one is twice as long, up to `maxMs`. */
  firstMs: number;
  maxMs: number;
  /** So long after a wait, the next one is a first one again, because it has another cause. */
  forgetAfterMs: number;
}

const GROWTH: Readonly<Record<GrowingCause, Growth>> = {
  // GitHub asks for at least a minute, and to wait exponentially longer. Without a maximum, a run could go on waiting
  // long after the rate limit has ended.
  limit: { firstMs: MINUTE_MS, maxMs: 16 * MINUTE_MS, forgetAfterMs: 10 * MINUTE_MS },
  suspicion: { firstMs: MINUTE_MS, maxMs: 16 * MINUTE_MS, forgetAfterMs: 60 * MINUTE_MS },
  // Most outages take minutes. After a long one, the work goes on within ten minutes.
  outage: { firstMs: 30 * SECOND_MS, maxMs: 10 * MINUTE_MS, forgetAfterMs: 10 * MINUTE_MS },
};

// Spreads the workers over 5 s, so that they do not return at the same moment.
const NAMED_SPREAD_MS = 5 * SECOND_MS;

/** When to ask again after a wait. The jitter keeps workers from returning at the same moment. */
export function resumeAfter(cause: WaitCause, until: Date, { random = () => 0 }: Clock): Date {
  const spreadMs = isGrowing(cause) ? GROWTH[cause].firstMs : NAMED_SPREAD_MS;
  return new Date(until.getTime() + spreadMs * random());
}

// A wait that another function has stored is noticed within this time. One read in ten seconds costs next to nothing.
const MAX_AGE_MS = 10 * SECOND_MS;

/** @param shared nowhere by default: the client then keeps to its own waits only. */
export function createWaits(shared?: SharedWaits): Waits {
  const known: GitHubWaits = {};
  const unshared = new Set<WaitCause>();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  const adopt = (waits: GitHubWaits): void => {
    for (const cause of WAIT_CAUSES) {
      const [stored, own] = [waits[cause], known[cause]];
      if (stored && (!own || stored.until >= own.until)) known[cause] = stored;
    }
  };
  const note = (cause: WaitCause, wait: GitHubWait): void => {
    known[cause] = wait;
    unshared.add(cause);
  };
  const state: Waits['state'] = (cause, { now }) => {
    const { until, count } = known[cause] ?? { until: new Date(0), count: 0 };
    const sinceMs = now().getTime() - until.getTime();
    return { count: sinceMs > GROWTH[cause].forgetAfterMs ? 0 : count, isLasting: sinceMs < 0 };
  };
  return {
    state,
    deferral: (kind, clock) => {
      // REST and GraphQL have quotas of their own. Other requests do not count.
      const isOther = (each: WaitCause): boolean =>
        (each === 'restQuota' && (kind === 'query' || kind === 'uncounted')) ||
        (each === 'graphqlQuota' && kind !== 'query');
      const [cause] = WAIT_CAUSES.filter((each) => !isOther(each))
        .filter((each) => endOf(known, each) > clock.now().getTime())
        .sort((a, b) => endOf(known, b) - endOf(known, a));
      return cause && heldBack(cause, new Date(endOf(known, cause)), clock);
    },
    noteNamed: (cause, named, { now }) => {
      const until = new Date(Math.min(named.getTime(), now().getTime() + MAX_WAIT_MS));
      if (until.getTime() > endOf(known, cause)) note(cause, { until, count: 1 });
    },
    next: (cause, clock) => {
      const { count, isLasting } = state(cause, clock);
      const { firstMs, maxMs } = GROWTH[cause];
      if (!isLasting) {
        const until = new Date(clock.now().getTime() + Math.min(firstMs * 2 ** count, maxMs));
        note(cause, { until, count: count + 1 });
      }
      return resumeAfter(cause, new Date(endOf(known, cause)), clock);
    },
    refresh: async ({ now }, maxAgeMs = MAX_AGE_MS) => {
      if (!shared || now().getTime() - readAt < maxAgeMs) return;
      reading ??= shared.read(now()).then(adopt);
      try {
        await reading;
        readAt = now().getTime();
      } finally {
        reading = undefined;
      }
    },
    share: async ({ now }) => {
      for (const cause of unshared) {
        unshared.delete(cause);
        const wait = known[cause];
        if (!shared || !wait) continue;
        const stored = await shared.extend(cause, wait, now());
        adopt(stored);
        // The first function that noticed an outage has counted it.
        if (known[cause] === wait) known[cause] = stored[cause] ?? wait;
      }
    },
  };
}

const endOf = (waits: GitHubWaits, cause: WaitCause): number => waits[cause]?.until.getTime() ?? 0;

function heldBack(cause: WaitCause, until: Date, clock: Clock): Deferral {
  const time = until.toISOString().slice(11, 19);
  const why = cause === 'outage' ? 'it did not answer' : 'it asked to wait';
  return {
    kind: cause === 'outage' ? 'outage' : 'rate-limited',
    resumeAt: resumeAfter(cause, until, clock),
    message: `nothing is sent to GitHub before ${time}, because ${why}`,
  };
}

/**
 * Sends nothing while a wait of any function lasts, but throws a DeferredError. Add this before the plugins that make
 * requests wait, so that those that wait already are held back too.
 */
export function holdingBack(waits: Waits, clock: Clock): (octokit: Pick<Octokit, 'hook'>) => void {
  return ({ hook }) => {
    hook.before('request', async (options) => {
      // Another request of this client may just have noted a wait.
      await waits.share(clock);
      await waits.refresh(clock);
      const deferral = waits.deferral(kindOf(options), clock);
      if (deferral) throw new DeferredError(deferral);
    });
  };
}
