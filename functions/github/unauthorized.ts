import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import { logRetry, type RetryLog } from './backoff.ts';
import { failedRequest } from './responses.ts';
import type { Waiting } from './resume-at.ts';

export interface TokenRetry extends RetryLog {
  clock: Waiting;
  /** How long to wait before a request is sent again whose token GitHub rejected. */
  tokenRetryDelayMs: number;
}

/**
 * Sends a request once more if GitHub rejects its token, because GitHub rejects a valid token now and then. The second
 * rejection counts. It is added last, around the attempts of `retrying`.
 */
export function retryUnauthorized({ hook }: Pick<Octokit, 'hook'>, retry: TokenRetry): void {
  hook.wrap('request', async (request, options) => {
    try {
      return await request(options);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      await waitToRetry(error, retry);
    }
    return request(options);
  });
}

export const isUnauthorized = (error: unknown): error is RequestError =>
  error instanceof RequestError && error.response?.status === 401;

/** Waits before the only retry after an error, and logs it. */
export async function waitToRetry(
  error: unknown,
  { tokenRetryDelayMs, ...retryLog }: TokenRetry,
): Promise<void> {
  const { message } = failedRequest(error, retryLog.clock);
  logRetry(retryLog, message, { attempt: 2, attempts: 2, delayMs: tokenRetryDelayMs });
  await new Promise((resolve) => setTimeout(resolve, tokenRetryDelayMs));
}
