import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { IDENTITIES } from '../../local/configuration.ts';
import { workerPort, workerStack } from './worker-stack.ts';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The commands of package.json as child processes, with a state folder that already holds the assembly. */
export interface Commands {
  stateFolder: () => string;
  /** A command that still runs after the test is ended. */
  start: (args: string[], environment?: Record<string, string>) => ChildProcess;
  run: (args: string[], environment?: Record<string, string>) => Promise<Ended>;
  /** Runs npm itself, which starts the commands. */
  runNpm: (args: string[]) => Promise<Ended>;
}

const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'local', 'main.mjs');

/** Variables that a developer may have set, and that must not reach the tests: they may name a real organization. */
const PROJECT_VARIABLES =
  /^(npm_config_|ITEM_BANK_|ITEM_SYNC_|GITHUB_|PROJECT_WEBHOOK_|WEBHOOK_SCOPE$|TIME_SCALE$|LOCAL_|LOG_LEVEL$)/;

/** The environment of a child process, without those variables. */
export const cleanEnvironment = (): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !PROJECT_VARIABLES.test(name)));

/** The state folder and its commands live as long as each test, or as all tests of the describe that calls this. */
export function useCommands(lifetime: 'test' | 'describe' = 'test'): Commands {
  let stateFolder: string;
  let started: ChildProcess[];
  const [before, after] = lifetime === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll];

  before(async () => {
    started = [];
    stateFolder = await mkdtemp(join(tmpdir(), 'item-sync-command-'));
    await cp(workerStack().stateFolder, stateFolder, { recursive: true });
  });
  after(async () => {
    for (const child of started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await closed;
    }
    await rm(stateFolder, { recursive: true, force: true });
  });

  const spawnHere = (program: string, args: string[], environment: Record<string, string> = {}) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: {
        ...cleanEnvironment(),
        ...workerStack().environment,
        LOCAL_STATE_FOLDER: stateFolder,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    return child;
  };
  const start: Commands['start'] = (args, environment) =>
    spawnHere(process.execPath, [MAIN, ...args], environment);
  return {
    stateFolder: () => stateFolder,
    start,
    run: (args, environment) => endOf(start(args, environment)),
    runNpm: (args) => endOf(spawnHere('npm', ['--silent', ...args])),
  };
}

export async function endOf(child: ChildProcess): Promise<Ended> {
  const ended = { code: null, stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (ended.stdout += chunk));
  child.stderr?.on('data', (chunk) => (ended.stderr += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { ...ended, code };
}

/** @returns all output so far, as soon as it contains `text`. */
export function said(child: ChildProcess, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      if (output.includes(text)) resolve(output);
    });
    child.once('close', (code) =>
      reject(new Error(`ended with ${code} before it printed "${text}": ${output}`)),
    );
  });
}

/** Sends `POST /sync` as the operators' curl does: with a token, and without a body. */
export const postSync = (): Promise<Response> => call('POST', '/sync');

/** Calls a route with a token, and without a body. */
export async function call(method: 'POST' | 'PUT', path: string): Promise<Response> {
  const { client } = IDENTITIES;
  const form = { grant_type: 'client_credentials', client_id: client.id, client_secret: client.secret };
  const answer = await fetch(`http://127.0.0.1:${workerPort('IDENTITY')}/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return fetch(`http://127.0.0.1:${workerPort('API')}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
}
