/** How many repositories a query asks for, and how long that takes. */
export interface QuerySize {
  /** Repositories of the next query, at most. */
  current: () => number;
  /** How long a query for so many repositories is expected to take; 0 if nothing was measured yet. */
  expectedMs: (count: number) => number;
  measured: (query: MeasuredQuery) => void;
}

export interface MeasuredQuery {
  /** Repositories. */
  count: number;
  ms: number;
  /** `too-large`: GitHub says so. `none`: there was no answer. */
  answer: 'complete' | 'too-large' | 'none';
}

// GitHub ends a query after 10 s. Its answers take twice as long at times, so anything slower than 5 s is too close to it.
const SLOW_MS = 5_000;
// A quarter more repositories then take less than 4 s.
const QUICK_MS = 3_000;
const GROWTH = 1.25;
// If GitHub is slow whatever the size, smaller queries only take longer in total.
const LEAST_IF_SLOW = 25;
// Even the smallest query takes some time.
const LEAST_SHARE = 0.1;

/**
 * Adapts the size of queries: half as many repositories after a query that took more than 5 s or was too large, and a
 * quarter more after one that was answered within 3 s. A failure that comes at once says nothing about the size.
 */
export function createQuerySize(max: number, start = max): QuerySize {
  const within = (size: number): number => Math.min(max, Math.max(1, size));
  let size = within(start);
  let last: MeasuredQuery | undefined;
  return {
    current: () => size,
    expectedMs: (count) => (last ? last.ms * Math.max(LEAST_SHARE, count / last.count) : 0),
    measured: (query) => {
      const { count, ms, answer } = query;
      const half = Math.min(size, Math.floor(count / 2));
      const isTimeout = answer === 'none' && ms > SLOW_MS;
      if (answer === 'too-large' || isTimeout) size = within(half);
      else if (answer === 'none') return;
      else if (ms > SLOW_MS) size = within(Math.min(size, Math.max(half, LEAST_IF_SLOW)));
      else if (ms < QUICK_MS && count >= size) size = within(Math.ceil(size * GROWTH));
      // A query for few repositories does not tell how long one for many takes.
      if (!last || count * 2 >= size) last = query;
    },
  };
}

// GitHub's limit of ids in one query.
const MAX_IDS = 100;
// A page of 100 commits with a file each is expensive for GitHub. 2,500 of them stay well within its 10 s for a query.
// Most histories are far shorter, so that the size soon grows.
const FIRST_HISTORIES = 25;
const MAX_TEXTS = 50;

/** The sizes of a client's queries, by what they read of each repository. */
export const createQuerySizes = (heads?: number) => ({
  heads: createQuerySize(MAX_IDS, heads),
  branches: createQuerySize(MAX_IDS),
  histories: createQuerySize(MAX_IDS, FIRST_HISTORIES),
  texts: createQuerySize(MAX_TEXTS),
});

export type QuerySizes = ReturnType<typeof createQuerySizes>;
