// The real clock, even if the command uses a scaled clock.
import { setInterval } from 'node:timers';
import { outputOf } from './child-process.ts';

const POLL_MS = 500;

/**
 * Calls `onEnd` when npm ends, if npm started this process. Killing npm, or the shell between npm and this process,
 * does not end this process: it would keep running unnoticed.
 */
export function watchNpm(onEnd: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const launchers = findLaunchers();
  const timer = setInterval(() => {
    if (launchers.every(isAlive)) return;
    clearInterval(timer);
    onEnd();
  }, POLL_MS).unref();
}

/** The parent process, and also npm if the parent is npm's shell. */
function findLaunchers(): number[] {
  const parent = process.ppid;
  const above = describe(parent)?.parent;
  const isNpm = above !== undefined && describe(above)?.command.startsWith('npm');
  return isNpm ? [parent, above] : [parent];
}

function describe(pid: number): { parent: number; command: string } | undefined {
  try {
    const line = outputOf('ps', ['-o', 'ppid=,args=', '-p', String(pid)]);
    const [, parent, command] = /^\s*(\d+)\s+(.*)/.exec(line) ?? [];
    return command === undefined ? undefined : { parent: Number(parent), command };
  } catch {
    // The process has ended, or there is no `ps`.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
