import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import pRetry from 'p-retry';
import { isObject } from './responses.ts';

// GitHub would answer the same again. Rate limits are waited out by the state machine, not by a paid function.
const FINAL_STATUSES = new Set([400, 401, 403, 404, 410, 422, 429, 451]);
const BACKOFF = { minTimeout: 1_000, factor: 4 };
const BROKEN_QUERY = 'Something went wrong while executing your query';

/**
 * Retries requests after a 5xx, a broken connection, or an internal failure of a query: after 1 s, then after 4 s. The
 * option `request.retries` of a single request overrides `retries`.
 */
export function retrying(retries: number): (octokit: Pick<Octokit, 'hook'>) => void {
  return ({ hook }) => {
    hook.wrap('request', (request, options) => {
      const attempt = async () => {
        const response = await request(options);
        const { data }: { data: unknown } = response;
        const [error]: unknown[] = isObject(data) && Array.isArray(data['errors']) ? data['errors'] : [];
        const message = isObject(error) ? String(error['message']) : '';
        if (!message.includes(BROKEN_QUERY)) return response;
        // GitHub sends status 200. The body of the request may hold a secret, and is left out.
        const { method, url, headers } = options;
        throw new RequestError(message, 500, { request: { method, url, headers }, response });
      };
      return pRetry(attempt, {
        ...BACKOFF,
        retries: options.request.retries ?? retries,
        shouldRetry: ({ error }) => error instanceof RequestError && !FINAL_STATUSES.has(error.status),
      });
    });
  };
}
