/** The time, and the randomness that keeps workers from all returning at the same moment. */
export interface Clock {
  now: () => Date;
  /** A number from 0 to 1, like Math.random. Without it, waits have no jitter. */
  random?: (() => number) | undefined;
}
