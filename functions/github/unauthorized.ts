import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import { logRetry, type RetryLog } from './backoff.ts';
import { failedRequest } from './responses.ts';
import type { Waiting } from './resume-at.ts';

export interface TokenRetry extends RetryLog {
  clock: Waiting;
  /** How long to wait before repeating a request whose token GitHub rejected. */
  retryDelayMs: number;
}

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
export async function waitToRetry(error: unknown, { retryDelayMs, ...retryLog }: TokenRetry): Promise<void> {
  const { message } = failedRequest(error, retryLog.clock);
  logRetry(retryLog, message, { attempt: 2, attempts: 2, delayMs: retryDelayMs });
  await pauseBeforeRetry({ retryDelayMs });
}

/** The pause after an answer that may be a mistake. */
export async function pauseBeforeRetry({ retryDelayMs }: Pick<TokenRetry, 'retryDelayMs'>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
}
