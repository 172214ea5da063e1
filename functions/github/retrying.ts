import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import pRetry from 'p-retry';
import { backoff, type RetryLog } from './backoff.ts';
import { failedRequest, isObject } from './responses.ts';

const BROKEN_QUERY = 'Something went wrong while executing your query';

/**
 * Retries requests after a 5xx, an error of a proxy, no answer, or an internal failure of a query: after 1 s, then
 * after 4 s. Other answers are not retried here. Rate limits are left to the state machine, which waits for free. The
 * option `request.retries` of a single request overrides `retries`.
 */
export function retrying(retries: number, retryLog: RetryLog): (octokit: Pick<Octokit, 'hook'>) => void {
  const { clock } = retryLog;
  const mayPass = (error: Error): boolean =>
    error instanceof RequestError && failedRequest(error, clock).meaning.kind === 'unavailable';
  const describe = (error: Error): string => failedRequest(error, clock).message;
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
        throw new RequestError(message, response.status, { request: { method, url, headers }, response });
      };
      const allowed = options.request.retries ?? retries;
      return pRetry(attempt, backoff(retryLog, { retries: allowed, mayPass, describe }));
    });
  };
}
