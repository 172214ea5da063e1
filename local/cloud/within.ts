// Not hurried where time is: what it waits for takes as long as it takes.
import { clearTimeout, setTimeout } from 'node:timers';

/** The value, or undefined when it takes longer than this. The work itself goes on. */
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
