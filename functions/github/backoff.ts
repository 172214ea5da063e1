import type { Options } from 'p-retry';
import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/logger.ts';

/** Waits before a request is repeated. */
export type Pause = (milliseconds: number) => Promise<void>;

export const pauseInRealTime: Pause = (milliseconds) =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));

/** Where retries are logged. Without these lines, nothing would explain why a run takes so long during an outage. */
export interface RetryLog {
  log: Pick<Log, 'info'>;
  clock: Clock;
}

/** How retries are logged, and how the client waits before them. */
export interface RetryPauses extends RetryLog {
  pause: Pause;
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
export function backoff(pauses: RetryPauses, { retries, mayPass, describe }: Retries): Options {
  return {
    retries,
    // The pause is made below instead, because p-retry can only pause in real time.
    minTimeout: 0,
    shouldRetry: ({ error }) => mayPass(error),
    onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
      if (retriesLeft === 0 || !mayPass(error)) return;
      const delayMs = FIRST_PAUSE_MS * FACTOR ** (attemptNumber - 1);
      const retry = { attempt: attemptNumber + 1, attempts: retries + 1, delayMs };
      await pauseForRetry(pauses, describe(error), retry);
    },
  };
}

interface Retry {
  /** The number of the next attempt: 2 for the first retry. */
  attempt: number;
  attempts: number;
  delayMs: number;
}

/** Logs a retry, and waits until it is due. */
export async function pauseForRetry(
  { log, clock, pause }: RetryPauses,
  failure: string,
  { attempt, attempts, delayMs }: Retry,
): Promise<void> {
  const time = new Date(clock.now().getTime() + delayMs).toISOString().slice(11, 19);
  log.info(`${failure}, attempt ${attempt} of ${attempts} at ${time}`);
  await pause(delayMs);
}
