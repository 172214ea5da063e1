import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import { pauseForRetry, type RetryPauses } from './backoff.ts';
import { failedRequest } from './responses.ts';
import type { Waiting } from './resume-at.ts';

export interface TokenRetry extends RetryPauses {
  clock: Waiting;
}

// Octokit's own authentication waits about as long until all of GitHub accepts a new token.
const RETRY_DELAY_MS = 5_000;

/**
 * Repeats a request once if GitHub rejects its token, because GitHub occasionally rejects a valid token. A second
 * rejection is final. Add this plugin last, so that it wraps the attempts of `retrying`.
 */
export function retryUnauthorized({ hook }: Pick<Octokit, 'hook'>, retry: TokenRetry): void {
  hook.wrap('request', async (request, options) => {
    try {
      return await request(options);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      await waitToRetry(error, retry);
    }
    // The first call may have used up its retries before the 401. A second series of retries could outlast the
    // invocation.
    Object.assign(options, { request: { ...options.request, retries: 0 } });
    return request(options);
  });
}

export const isUnauthorized = (error: unknown): error is RequestError =>
  error instanceof RequestError && error.response?.status === 401;

/** Waits before the only retry after an error, and logs it. */
export async function waitToRetry(error: unknown, tokenRetry: TokenRetry): Promise<void> {
  const { message } = failedRequest(error, tokenRetry.clock);
  await pauseForRetry(tokenRetry, message, { attempt: 2, attempts: 2, delayMs: RETRY_DELAY_MS });
}

/** The pause after an answer that may be a mistake. */
export async function pauseBeforeRetry({ pause }: Pick<RetryPauses, 'pause'>): Promise<void> {
  await pause(RETRY_DELAY_MS);
}
