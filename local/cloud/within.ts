// From node:timers, so that TIME_SCALE does not shorten the limit: the work itself is not any faster.
import { clearTimeout, setTimeout } from 'node:timers';

/** Resolves with the value, or with undefined after the limit. The work itself continues. */
export async function within<T>(limitMs: number, value: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([value, limit]);
  } finally {
    clearTimeout(timer);
  }
}
