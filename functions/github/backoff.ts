import type { Options } from 'p-retry';
import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/logger.ts';

/** Where retries are logged. Without these lines, nothing would explain why a run takes so long during an outage. */
export interface RetryLog {
  log: Pick<Log, 'info'>;
  clock: Clock;
}

interface Retries {
  retries: number;
  /** Whether the same request may succeed a moment later. */
  mayPass: (error: Error) => boolean;
  /** The error in words: the request, and how it was answered. */
  describe: (error: Error) => string;
}

const FIRST_PAUSE_MS = 1_000;
const FACTOR = 4;

/** Options of p-retry: after 1 s, then after 4 s, with a line in the log for each retry. */
export function backoff(retryLog: RetryLog, { retries, mayPass, describe }: Retries): Options {
  return {
    minTimeout: FIRST_PAUSE_MS,
    factor: FACTOR,
    retries,
    shouldRetry: ({ error }) => mayPass(error),
    onFailedAttempt: ({ error, attemptNumber, retriesLeft }) => {
      if (retriesLeft === 0 || !mayPass(error)) return;
      const delayMs = FIRST_PAUSE_MS * FACTOR ** (attemptNumber - 1);
      logRetry(retryLog, describe(error), { attempt: attemptNumber + 1, attempts: retries + 1, delayMs });
    },
  };
}

interface Retry {
  /** The number of the next attempt: 2 for the first retry. */
  attempt: number;
  attempts: number;
  delayMs: number;
}

export function logRetry({ log, clock }: RetryLog, failure: string, retry: Retry): void {
  const { attempt, attempts, delayMs } = retry;
  const time = new Date(clock.now().getTime() + delayMs).toISOString().slice(11, 19);
  log.info(`${failure}, attempt ${attempt} of ${attempts} at ${time}`);
}
