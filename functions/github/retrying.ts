import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import pRetry from 'p-retry';
import { backoff, type RetryPauses } from './backoff.ts';
import {
  isIndispensable,
  isUnanswered,
  type OutageOptions,
  type RequestOptions,
  watchOutages,
} from './outages.ts';
import { failedRequest, isObject } from './responses.ts';

const BROKEN_QUERY = 'Something went wrong while executing your query';

export interface Retrying extends OutageOptions, RetryPauses {
  /** How often a request is retried. The option `request.retries` of a single request overrides it. */
  retries: number;
}

/**
 * Retries requests after a 5xx, an error of a proxy, no answer, or an internal failure of a query: after 1 s, then
 * after 4 s. Other answers are not retried here. Rate limits are left to the state machine, which waits for free.
 *
 * Before the last attempt, GitHub is asked whether it is up. If it is, the last attempt decides, because an outage may
 * just have ended. If not, the client throws a DeferredError of kind `outage`.
 */
export function retrying(options: Retrying): (octokit: Pick<Octokit, 'hook' | 'request'>) => void {
  const { retries, clock } = options;
  const mayPass = (error: Error): boolean =>
    error instanceof RequestError && failedRequest(error, clock).meaning.kind === 'unavailable';
  const describe = (error: Error): string => failedRequest(error, clock).message;
  return (octokit) => {
    const outages = watchOutages(octokit, options);
    octokit.hook.wrap('request', (send, request) => {
      if (request.request['isQuestion']) return send(request);
      const allowed = request.request.retries ?? retries;
      let failure: RequestError | undefined;
      const attempt = async (number: number) => {
        const isLast = number > allowed;
        if (failure && isLast && !isIndispensable(request)) {
          await outages.throwIfDown({ options: request, error: failure });
        }
        try {
          return requireWholeAnswer(await send(request), request);
        } catch (error) {
          if (!isUnanswered(error, clock)) throw error;
          failure = error;
          if (isLast && isIndispensable(request)) throw await outages.begin(error);
          if (isLast && number === 1) await outages.throwIfDown({ options: request, error });
          throw error;
        }
      };
      return pRetry(attempt, backoff(options, { retries: allowed, mayPass, describe }));
    });
  };
}

type Response = Awaited<ReturnType<Octokit['request']>>;

/** @throws RequestError if GitHub answers with an internal failure of the query, which has status 200. */
function requireWholeAnswer(response: Response, { method, url, headers }: RequestOptions): Response {
  const { data }: { data: unknown } = response;
  const [error]: unknown[] = isObject(data) && Array.isArray(data['errors']) ? data['errors'] : [];
  const message = isObject(error) ? String(error['message']) : '';
  if (!message.includes(BROKEN_QUERY)) return response;
  // The body of the request may hold a secret, and is left out.
  throw new RequestError(message, response.status, { request: { method, url, headers }, response });
}
