import type { Octokit } from '@octokit/rest';
import pLimit from 'p-limit';
import pThrottle from 'p-throttle';
import type { GitHubLimits } from './limits.ts';
import { kindOf } from './request-kinds.ts';

/** One of so many clients that share the limits. */
export interface Share {
  limits: GitHubLimits;
  /** 1 to 10. */
  workers: number;
}

const MINUTE_MS = 60_000;
const POINTS_OF_A_WRITE = 5;
// What is sent evenly does not arrive evenly: this much less is sent than GitHub allows.
export const PACE = 0.95;

/**
 * Spaces the requests of a client evenly. Each attempt takes its turn, those of `retrying` as well, which is to
 * be added after this one. GitHub's other limits are kept in the same place: so many in flight, and writes one by one.
 *
 * There is no account of the minute, because no invocation knows what those before it sent, from whatever container:
 * a request that keeps its distance from the one before it keeps to every minute there is. It waits for as many turns
 * as there are requests before it: of the nine that one of ten workers has under way, the last waits six seconds.
 */
export function pacing({ limits, workers }: Share): (octokit: Pick<Octokit, 'hook'>) => void {
  const restPoint = turns(limits.restPointsPerMinute / workers);
  const query = turns(limits.graphqlPointsPerMinute / workers);
  const creation = turns(limits.writesPerMinute / workers);
  const write = async (): Promise<void> => {
    await creation();
    // The first point is its turn. The others pass while it is under way, and nothing else is sent meanwhile.
    const [turn] = Array.from({ length: POINTS_OF_A_WRITE }, restPoint);
    await turn;
  };
  const inFlight = pLimit(Math.max(1, Math.floor(limits.requestsInFlight / workers)));
  const writing = pLimit(1);
  return ({ hook }) => {
    hook.wrap('request', (request, options) => {
      // The turn comes last, so that what waited for a place is as far apart as anything else.
      const send = (turn: () => Promise<void>) =>
        inFlight(async () => {
          await turn();
          return request(options);
        });
      switch (kindOf(options)) {
        case 'uncounted':
          return request(options);
        case 'query':
          return send(query);
        case 'read':
          return send(restPoint);
        case 'write':
          return writing(() => send(write));
      }
    });
  };
}

/**
 * Gives a turn so many times a minute. p-throttle keeps the queue, in the order of the requests; with a limit of one,
 * turns are spaced rather than given all at the beginning of the minute.
 */
function turns(perMinute: number): () => Promise<void> {
  const intervalMs = Math.ceil(MINUTE_MS / (perMinute * PACE));
  const turn = pThrottle({ limit: 1, interval: intervalMs, strict: true })(async () => {});
  // The first request waits as well: the invocation before this one may have sent its last a moment ago.
  void turn();
  return turn;
}
