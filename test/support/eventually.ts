import { setTimeout as delay } from 'node:timers/promises';
import { vi } from 'vitest';

/** Asks until there is an answer. Only the timeout of the test limits how long. */
export async function eventually<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(25);
  }
}

/** Repeats an assertion until it holds. `vi.waitFor` by itself gives up after a second, which is short on a busy machine. */
export const holdsEventually = <T>(assertion: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(assertion, { timeout: 60_000 });
