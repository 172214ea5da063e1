import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import pRetry from 'p-retry';
import { isObject } from './json.ts';

// The same request would get the same answer, and a rate limit is for the state machine to wait out, not for a paid
// function.
const FINAL = new Set([400, 401, 403, 404, 410, 422, 429, 451]);
const PAUSES = { minTimeout: 1_000, factor: 4 };

/**
 * Makes a request again that met a 5xx or a broken connection, or whose query went wrong inside GitHub: after 1 s, then
 * after 4 s. The option `request.retries` of a single request goes before `retries`.
 */
export function retrying(retries: number): (octokit: Pick<Octokit, 'hook'>) => void {
  return ({ hook }) => {
    hook.wrap('request', (request, options) => {
      const attempt = async () => {
        const response = await request(options);
        const message = brokenQueryIn(response.data);
        if (message === undefined) return response;
        throw new RequestError(message, 500, { request: options, response });
      };
      const most: number = options.request.retries ?? retries;
      return pRetry(attempt, { ...PAUSES, retries: most, shouldRetry: ({ error }) => isPassing(error) });
    });
  };
}

const isPassing = (error: Error): boolean => error instanceof RequestError && !FINAL.has(error.status);

/** GitHub answers such a query with 200. */
function brokenQueryIn(data: unknown): string | undefined {
  if (!isObject(data) || !Array.isArray(data['errors'])) return undefined;
  const [error] = data['errors'];
  const message = isObject(error) ? String(error['message']) : '';
  return message.includes('Something went wrong while executing your query') ? message : undefined;
}
