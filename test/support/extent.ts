import { inject } from 'vitest';

export type Extent = 'sample' | 'full';

declare module 'vitest' {
  interface ProvidedContext {
    /** `npm test` runs a sample of the slow tests, `npm run test:full` all of them. */
    extent: Extent;
  }
}

export const isFull = (): boolean => inject('extent') === 'full';

/** All cases of a slow test, or the first of them in `npm test`. */
export const sampled = <Case>(cases: readonly Case[], count: number): Case[] =>
  cases.slice(0, isFull() ? cases.length : count);
