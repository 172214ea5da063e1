import type { LogLine } from '../functions/shared/contract/log-line.ts';
import { pause } from './pause.ts';

interface ShownLog {
  /** Returns the lines that are new since the previous call. */
  read: () => Promise<LogLine[]>;
  print: (line: LogLine) => void;
  /** Ends `follow`. */
  signal: AbortSignal;
}

const POLL_MS = 300;

/** Prints a log once. */
export async function printLog({ read, print }: Omit<ShownLog, 'signal'>): Promise<void> {
  for (const line of await read()) print(line);
}

/** Prints a log, and then its new lines until the signal is aborted. */
export async function followLog({ signal, ...log }: ShownLog, pollMs = POLL_MS): Promise<void> {
  while (!signal.aborted) {
    await printLog(log);
    await pause(pollMs, signal).catch(() => {});
  }
}
