import { setTimeout as after } from 'node:timers/promises';

/** A pause that nobody waits for any more does not keep the process alive. */
export const pause = (ms: number): Promise<void> => after(ms, undefined, { ref: false });
