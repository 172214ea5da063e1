import { SyncError } from './errors.ts';

// To tell it, and for what else the invocation has to do.
const TIME_TO_TELL_MS = 1_000;

/**
 * Waits for the work as long as the invocation can still say that it was too slow: Lambda would end it without a word.
 * The work itself is not ended. What it has sent is carried out, as if the answer had been lost on its way.
 * @throws SyncError `GitHubUnavailable`.
 */
export async function withinTime<Result>(
  { remainingTimeMs }: { remainingTimeMs: () => number },
  work: Promise<Result>,
): Promise<Result> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new SyncError('GitHubUnavailable', 'GitHub did not answer in the time that was left')),
    remainingTimeMs() - TIME_TO_TELL_MS,
  );
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
