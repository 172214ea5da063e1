import type { Octokit } from '@octokit/rest';
import pLimit from 'p-limit';
import { createComputingTime } from './computing-time.ts';
import type { GitHubLimits } from './limits.ts';
import { kindOf, queryOptionsOf } from './request-kinds.ts';
import type { Stopwatch } from './stopwatch.ts';

/** The part of the limits that one of several clients may use. */
export interface Share {
  limits: GitHubLimits;
  /** Clients that share the limits, 1 to 10. */
  workers: number;
  stopwatch: Stopwatch;
  /** Whether another client with this share may have sent queries within the last minute. */
  predecessor: Predecessor;
}

export type Predecessor = 'none' | 'possible';

const MINUTE_MS = 60_000;
const POINTS_PER_WRITE = 5;
// Requests that are sent at regular intervals arrive at irregular ones, so the client sends less than GitHub allows.
export const PACE = 0.95;

/**
 * Spaces the requests of a client evenly. Retries are spaced too, if `retrying` is added after this plugin. It also
 * keeps GitHub's limit of requests in flight, and sends writes one at a time.
 *
 * It does not count requests per minute, because an invocation does not know what earlier ones sent from other
 * containers. If each request keeps its distance from the previous one, no minute can have too many. The wait grows
 * with the queue: of nine requests that one of three workers has in flight, the last waits nearly two seconds.
 *
 * The computing time of queries is counted instead, because it differs from query to query.
 */
export function pacing(share: Share): (octokit: Pick<Octokit, 'hook'>) => void {
  const { limits, workers, stopwatch, predecessor } = share;
  const restPoint = throttle(limits.restPointsPerMinute / workers);
  const query = throttle(limits.graphqlPointsPerMinute / workers);
  const creation = throttle(limits.writesPerMinute / workers);
  const write = async (): Promise<void> => {
    await creation();
    // The write is sent on its first point. The other points pass meanwhile, during which nothing else is sent.
    const [first] = Array.from({ length: POINTS_PER_WRITE }, restPoint);
    await first;
  };
  const computing = createComputingTime((limits.graphqlSecondsPerMinute * 1_000 * PACE) / workers, {
    isUsed: predecessor === 'possible',
  });
  // A retry follows a failure, and so does the question whether GitHub is up. They must not wait for another minute,
  // because the invocation has to end.
  const waited = new WeakSet<object>();
  const startComputing = (options: Parameters<typeof queryOptionsOf>[0]) => {
    const { expectedMs, isQuestion } = queryOptionsOf(options);
    const isRetry = isQuestion || waited.has(options);
    waited.add(options);
    return computing.start({ expectedMs, isRetry });
  };
  const inFlight = pLimit(Math.max(1, Math.floor(limits.requestsInFlight / workers)));
  const writing = pLimit(1);
  return ({ hook }) => {
    hook.wrap('request', (request, options) => {
      // The throttle comes last, so that requests that waited for a free place are spaced as well.
      const sendAfter = (point: () => Promise<void>, send = () => request(options)) =>
        inFlight(() => point().then(send));
      switch (kindOf(options)) {
        case 'uncounted':
          return request(options);
        case 'query':
          return startComputing(options).then((finish) =>
            sendAfter(query, async () => {
              const startedAt = stopwatch();
              try {
                return await request(options);
              } finally {
                finish(stopwatch() - startedAt);
              }
            }),
          );
        case 'read':
          return sendAfter(restPoint);
        case 'write':
          return writing(() => sendAfter(write));
      }
    });
  };
}

/** Returns a function whose promises resolve at equal intervals, in the order of the calls. */
function throttle(perMinute: number): () => Promise<void> {
  const intervalMs = Math.ceil(MINUTE_MS / (perMinute * PACE));
  // The first request waits too, because the previous invocation may have sent its last one a moment ago.
  let free = Date.now() + intervalMs;
  return async () => {
    const turn = Math.max(free, Date.now());
    free = turn + intervalMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, turn - Date.now())));
  };
}
