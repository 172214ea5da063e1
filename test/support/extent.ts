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

/** The numbers from 0 to below `end`. */
export const range = (end: number): number[] => Array.from({ length: end }, (_, number) => number);

/** All cases of a slow test, or so many of them in `npm test`: the first, the last, and some at equal distances between. */
export function spread<Case>(cases: readonly Case[], count: number): Case[] {
  if (isFull()) return [...cases];
  const distance = (cases.length - 1) / (count - 1);
  const chosen = new Set(Array.from({ length: count }, (_, index) => Math.round(index * distance)));
  return cases.filter((_, index) => chosen.has(index));
}
