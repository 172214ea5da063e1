import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
const MAX_ATTEMPTS = 3;

/** Starts the engine with a database file in the state folder, or uses the running one at `endpoint`. */
export async function startDynamoDbEngine(stateFolder: string, endpoint?: string): Promise<DynamoDbEngine> {
  if (endpoint !== undefined) return { url: endpoint, close: async () => {} };
  const program = findProgram();
  const pidFile = path.join(stateFolder, 'dynamodb.pid');
  await stopOrphan(pidFile, program);
  const file = path.join(stateFolder, 'dynamodb.sqlite');
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
      rmSync(pidFile, { force: true });
    };
    writeFileSync(pidFile, String(child.pid));
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

/** A killed cloud leaves its engine running with the database open. The pid may have been reused, so check the program. */
async function stopOrphan(pidFile: string, program: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const commandLine = `/proc/${pid}/cmdline`;
  const isOurs = () => existsSync(commandLine) && readFileSync(commandLine, 'utf8').startsWith(program);
  if (isOurs()) process.kill(pid, 'SIGTERM');
  while (isOurs()) await delay(POLL_MS);
  rmSync(pidFile, { force: true });
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
