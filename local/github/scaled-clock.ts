export interface ScaledClock {
  /** How many of its seconds pass in one second; 1 is the real clock. */
  scale: number;
  /** When it shows the real time. Clocks that are to agree with each other need the same moment. */
  startedAt: Date;
  real: () => Date;
}

/**
 * A clock that goes so many times faster than the real one, so that an hour of waiting for a limit passes in seconds.
 *
 * @throws RangeError when the scale is not above 0.
 */
export function scaledClock({ scale, startedAt, real }: ScaledClock): () => Date {
  if (!(scale > 0)) throw new RangeError(`A clock cannot go ${scale} times as fast.`);
  const start = startedAt.getTime();
  return () => new Date(start + (real().getTime() - start) * scale);
}
