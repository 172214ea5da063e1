import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import { NO_REQUESTS, type RequestCounts } from '../shared/contract/requests.ts';
import { kindOf, queryOptionsOf } from './request-kinds.ts';
import type { Stopwatch } from './stopwatch.ts';

/**
 * Counts the requests of a client. It is added first, inside the plugins that hold requests back or retry them, so that
 * every attempt counts and unsent requests do not.
 * @param stopwatch measures how long queries take.
 */
export function counting(
  stopwatch: Stopwatch,
): (octokit: Pick<Octokit, 'hook'>) => { requestsSent: () => RequestCounts } {
  const sent = { ...NO_REQUESTS };
  const counters = { read: 'reads', write: 'writes', query: 'queries' } as const;
  return ({ hook }) => {
    hook.wrap('request', async (request, options) => {
      const kind = kindOf(options);
      if (kind === 'uncounted') return request(options);
      sent[counters[kind]] += 1;
      const startedAt = stopwatch();
      try {
        return await request(options);
      } catch (error) {
        const status = error instanceof RequestError ? error.status : undefined;
        if (status === 403 || status === 429) sent.refused += 1;
        throw error;
      } finally {
        if (kind === 'query') {
          const ms = Math.round(stopwatch() - startedAt);
          sent.queryMs += ms;
          queryOptionsOf(options).measured(ms);
        }
      }
    });
    return { requestsSent: () => ({ ...sent }) };
  };
}
