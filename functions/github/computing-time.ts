import pLimit from 'p-limit';

const MINUTE_MS = 60_000;
// A second longer, because requests do not all take the same time to arrive.
const WINDOW_MS = MINUTE_MS + 1_000;

/** What a client may use of GitHub's computing time. */
export interface ComputingTime {
  /**
   * Waits until a query fits into the share. A retry counts, but does not wait.
   * @returns a function to be called with the time that the query took, as soon as it is answered.
   */
  start: (query: StartedQuery) => Promise<(ms: number) => void>;
}

interface StartedQuery {
  /** How long the query is expected to take; 0 if that is unknown. */
  expectedMs: number;
  isRetry: boolean;
}

/** A query that was sent, and until when it counts. */
interface Use {
  until: number;
  ms: number;
}

/**
 * Keeps the response time of all queries that are sent within a minute below a share of that minute. Each client does so
 * by itself: as long as none exceeds its share in any minute, all together stay below the limit.
 * @param isUsed whether another client may just have used the whole share.
 */
export function createComputingTime(shareMs: number, { isUsed }: { isUsed: boolean }): ComputingTime {
  let uses: Use[] = isUsed ? [{ until: Date.now() + WINDOW_MS, ms: shareMs }] : [];
  let wake = (): void => {};
  const waitMs = (expectedMs: number): number => {
    const now = Date.now();
    uses = uses.filter(({ until }) => until > now).sort((a, b) => a.until - b.until);
    // A query that alone exceeds the share is sent when no other one counts any more.
    let excess = uses.reduce((sum, { ms }) => sum + ms, Math.min(expectedMs, shareMs)) - shareMs;
    let wait = 0;
    for (const { until, ms } of uses) {
      if (excess <= 0) break;
      excess -= ms;
      wait = until - now;
    }
    return wait;
  };
  const count = (expectedMs: number): ((ms: number) => void) => {
    const use: Use = { until: Date.now() + WINDOW_MS, ms: expectedMs };
    uses.push(use);
    return (ms) => {
      use.ms = ms;
      use.until = Math.ceil(Date.now() - ms + WINDOW_MS * Math.max(1, ms / shareMs));
      wake();
    };
  };
  /** Sleeps no longer than until another query is finished, because it may have taken less time than expected. */
  const sleepUntilFinished = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const inTurn = pLimit(1);
  return {
    start: async ({ expectedMs, isRetry }) => {
      if (isRetry) return count(expectedMs);
      return inTurn(async () => {
        for (let wait = waitMs(expectedMs); wait > 0; wait = waitMs(expectedMs)) {
          await sleepUntilFinished(wait);
        }
        return count(expectedMs);
      });
    },
  };
}
