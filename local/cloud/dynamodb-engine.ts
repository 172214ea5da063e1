import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CloudError } from './errors.ts';
import { freePort, HOST } from './ports.ts';

export interface DynamoDbEngine {
  url: string;
  close(): Promise<void>;
}

const POLL_MS = 10;
const START_LIMIT_MS = 10_000;
const STOP_LIMIT_MS = 10_000;
const MAX_ATTEMPTS = 3;

/** Starts the engine with a database file in the state folder, or uses the running one at `endpoint`. */
export async function startDynamoDbEngine(stateFolder: string, endpoint?: string): Promise<DynamoDbEngine> {
  if (endpoint !== undefined) return useRunningEngine(endpoint);
  const program = findProgram();
  const file = path.join(stateFolder, 'dynamodb.sqlite');
  await stopOrphans(program, file);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const child = spawn(program, ['--host', HOST, '--port', String(port), '--db-path', file], {
      stdio: 'ignore',
      // Ctrl-C reaches the whole process group of the terminal. Detached, the engine outlives the functions that use it.
      detached: true,
    });
    const exited = once(child, 'exit').catch(() => {});
    const url = `http://${HOST}:${port}`;
    const close = async () => {
      child.kill('SIGTERM');
      await exited;
    };
    if (await isUp(url, child)) return { url, close };
    // The engine exits if another program has taken the port since freePort() found it.
    const isRetryable = child.exitCode !== null && attempt < MAX_ATTEMPTS;
    await close();
    if (!isRetryable) {
      throw new CloudError('EngineUnavailable', `The DynamoDB engine does not answer on ${url}.`);
    }
  }
}

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
  return { url, close: async () => {} };
}

/** Waits until the engine answers. False when it has exited or does not answer in time. */
async function isUp(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    const hasAnswered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (hasAnswered) return true;
    await delay(POLL_MS);
  }
  return false;
}
