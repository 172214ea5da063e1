import { NO_REQUESTS, type RequestCounts, sumRequests } from '../shared/contract/requests.ts';
import type { ConnectToGitHub } from './connect.ts';
import type { GitHub } from './github.ts';

/** What an invocation asks GitHub for. */
export interface Meter {
  connect: ConnectToGitHub;
  /** What the clients that it was connected by have sent since. */
  used: () => RequestCounts;
}

/** Clients outlive the invocation that made them: what they have sent before is not this one's. */
export function metered(connect: ConnectToGitHub): Meter {
  const before = new Map<GitHub, RequestCounts>();
  return {
    connect: async (workers) => {
      const access = await connect(workers);
      if (!before.has(access.github)) before.set(access.github, access.github.requestsSent());
      return access;
    },
    used: () =>
      [...before]
        .map(([github, earlier]) => difference(github.requestsSent(), earlier))
        .reduce(sumRequests, NO_REQUESTS),
  };
}

function difference(now: RequestCounts, earlier: RequestCounts): RequestCounts {
  return {
    reads: now.reads - earlier.reads,
    writes: now.writes - earlier.writes,
    queries: now.queries - earlier.queries,
    refused: now.refused - earlier.refused,
  };
}
