import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';

/** Programs need these to find files and to write text. None of them holds a secret. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ'];

/** The variables of this process that a child process may see. All others may be secrets, such as GITHUB_TOKEN. */
export function inheritedEnvironment(): Record<string, string> {
  const values = INHERITED.map((name) => [name, process.env[name]]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

export interface ChildOptions extends Omit<SpawnOptions, 'env' | 'shell'> {
  /** All variables of the child process. By default, it would see those of this process. */
  env: Record<string, string>;
}

export const startChild = (program: string, args: readonly string[], options: ChildOptions): ChildProcess =>
  spawn(program, args, options);

/** Runs a program to its end. @throws Error if it cannot be run, or fails */
export const outputOf = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, {
    encoding: 'utf8',
    env: inheritedEnvironment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
