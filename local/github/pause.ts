import { setTimeout as after } from 'node:timers/promises';

/** Does not keep the process alive. */
export const pause = (ms: number): Promise<void> => after(ms, undefined, { ref: false });
