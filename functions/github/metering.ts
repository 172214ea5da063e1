import type { Clock } from '../shared/clock.ts';
import { NO_REQUESTS, type RequestCounts, sumRequests } from '../shared/contract/requests.ts';
import type { ConnectToGitHub } from './connect.ts';
import type { GitHub } from './github.ts';

/** Counts the requests of one invocation. */
export interface Meter {
  /** Connects, and counts the requests of the client from now on. */
  connect: ConnectToGitHub;
  used: () => RequestCounts;
  /** Shares the waits that GitHub has asked for. */
  shareWaits: (clock: Clock) => Promise<void>;
}

/** Clients outlive invocations, so what they have sent before is subtracted. */
export function metered(connect: ConnectToGitHub): Meter {
  const before = new Map<GitHub, RequestCounts>();
  return {
    connect: async (workers, start) => {
      const access = await connect(workers, start);
      if (!before.has(access.github)) before.set(access.github, access.github.requestsSent());
      return access;
    },
    used: () => {
      const counts = [...before].map(([github, earlier]) => {
        const sent = github.requestsSent();
        return {
          reads: sent.reads - earlier.reads,
          writes: sent.writes - earlier.writes,
          queries: sent.queries - earlier.queries,
          queryMs: sent.queryMs - earlier.queryMs,
          refused: sent.refused - earlier.refused,
        };
      });
      return counts.reduce(sumRequests, NO_REQUESTS);
    },
    shareWaits: async (clock) => {
      for (const { waits } of before.keys()) await waits.share(clock);
    },
  };
}
