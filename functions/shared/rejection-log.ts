import type { Log } from './logger.ts';

const INTERVAL_MS = 60_000;

export interface Rejection {
  message: string;
  /** The cause, as a literal. */
  why: string;
}

/** @returns a function that logs a rejection, unless one with the same cause was logged within the last minute. */
export function createRejectionLog(now: () => number = Date.now) {
  const causes = new Map<string, { loggedAt: number; notLogged: number }>();
  return (log: Log, { message, why }: Rejection): void => {
    const known = causes.get(why);
    if (known !== undefined && now() - known.loggedAt < INTERVAL_MS) {
      known.notLogged += 1;
      return;
    }
    log.warn(message, { why, ...(known && known.notLogged > 0 && { notLogged: known.notLogged }) });
    causes.set(why, { loggedAt: now(), notLogged: 0 });
  };
}
