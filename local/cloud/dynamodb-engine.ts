import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inheritedEnvironment, startChild } from '../child-process.ts';
import { CloudError } from './errors.ts';
import { freeAddress } from './ports.ts';

export interface DynamoDbEngine {
  url: string;
  /** Resolves when the engine has ended, with the reason. Never for an engine that somebody else started. */
  ended: Promise<string>;
  close(): Promise<void>;
}

const POLL_MS = 10;
const START_LIMIT_MS = 10_000;
const STOP_LIMIT_MS = 10_000;
const MAX_ATTEMPTS = 3;

/**
 * Starts the engine with a database file in the state folder, or in memory if there is none, or uses the running one at
 * `endpoint`.
 */
export async function startDynamoDbEngine(
  stateFolder: string | undefined,
  endpoint?: string,
): Promise<DynamoDbEngine> {
  if (endpoint !== undefined) return useRunningEngine(endpoint);
  const program = findProgram();
  const file = stateFolder === undefined ? undefined : path.join(stateFolder, 'dynamodb.sqlite');
  if (file !== undefined) await stopOrphans(program, file);
  const place = file === undefined ? [] : ['--db-path', file];
  for (let attempt = 1; ; attempt++) {
    // The engine answers every web page that finds it, so it gets another address at each start.
    const { host, port } = await freeAddress();
    const child = startChild(program, ['--host', host, '--port', String(port), ...place], {
      env: inheritedEnvironment(),
      stdio: 'ignore',
      // Ctrl-C reaches the whole process group of the terminal. Detached, the engine outlives the functions that use it.
      detached: true,
    });
    const ended = endOf(child);
    const url = `http://${host}:${port}`;
    const close = async () => {
      child.kill('SIGTERM');
      await ended;
    };
    if (await isUp(url, child)) return { url, ended, close };
    // The engine exits if another program has taken the port since freeAddress() found it.
    const isRetryable = hasEnded(child) && attempt < MAX_ATTEMPTS;
    await close();
    if (!isRetryable) {
      throw new CloudError('EngineUnavailable', `The DynamoDB engine does not answer on ${url}.`);
    }
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });

function findProgram(): string {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new CloudError(
      'EngineUnavailable',
      `No DynamoDB engine is installed for ${process.platform}-${process.arch}: start one and set AWS_ENDPOINT_URL_DYNAMODB to its URL. docs/running-locally.md names some.`,
    );
  }
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  } catch (cause) {
    const message = 'The DynamoDB engine is not installed: run npm ci with optional dependencies.';
    throw new CloudError('EngineUnavailable', message, { cause });
  }
}

/** Stops engines that a killed cloud left running on this database, because two engines would damage it. */
async function stopOrphans(program: string, file: string): Promise<void> {
  const isOrphan = (pid: string) => {
    const commandLine = commandLineOf(pid);
    return commandLine.startsWith(program) && commandLine.includes(`\0${file}\0`);
  };
  const deadline = performance.now() + STOP_LIMIT_MS;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (isOrphan(pid)) process.kill(Number(pid), 'SIGTERM');
    while (isOrphan(pid)) {
      if (performance.now() > deadline) process.kill(Number(pid), 'SIGKILL');
      await delay(POLL_MS);
    }
  }
}

/** The arguments of a process, each followed by a zero byte. Empty if it has ended, or belongs to another user. */
function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** An engine that somebody else started, and whose data is not in the state folder. */
async function useRunningEngine(url: string): Promise<DynamoDbEngine> {
  const isReachable = await fetch(url).then(
    () => true,
    () => false,
  );
  if (!isReachable) {
    throw new CloudError(
      'EngineUnavailable',
      `AWS_ENDPOINT_URL_DYNAMODB is ${url}, where no DynamoDB engine answers: start one there, or unset the variable.`,
    );
  }
  return { url, ended: new Promise(() => {}), close: async () => {} };
}

/** Waits until the engine answers. False when it has ended or does not answer in time. */
async function isUp(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline && !hasEnded(child) && child.pid !== undefined) {
    const hasAnswered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (hasAnswered) return true;
    await delay(POLL_MS);
  }
  return false;
}
