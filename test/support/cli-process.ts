import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { cleanEnvironment, type Ended, endOf } from './commands.ts';
import type { Embedded } from './embedded.ts';
import { workerStack } from './worker-stack.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'cli', 'main.mjs');

export interface CliProcess {
  start: (
    args: readonly string[],
    options?: { env?: Record<string, string>; stdin?: string },
  ) => ChildProcess;
  run: (...args: Parameters<CliProcess['start']>) => Promise<Ended>;
}

/** `item-sync` as child processes, in the environment of a running stack. */
export function cliOf({ cloud }: Pick<Embedded, 'cloud'>): CliProcess {
  const start: CliProcess['start'] = (args, { env = {}, stdin } = {}) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: {
        ...cleanEnvironment(),
        ...workerStack().environment,
        LOCAL_STATE_FOLDER: join(cloud.stateFolder, '..'),
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(stdin ?? '');
    return child;
  };
  return { start, run: (...args) => endOf(start(...args)) };
}
