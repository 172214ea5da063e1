import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, inject } from 'vitest';
import { IDENTITIES } from '../../local/configuration.ts';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the commands of package.json as child processes. Each test has a state folder with the assembly. */
export interface Commands {
  stateFolder: () => string;
  /** The process is ended after the test. */
  start: (args: string[], environment?: Record<string, string>) => ChildProcess;
  run: (args: string[], environment?: Record<string, string>) => Promise<Ended>;
}

const MAIN = join(import.meta.dirname, '..', '..', 'local', 'main.mjs');

/** Variables that a developer may have set, and that must not reach the tests: they may name a real organization. */
const PROJECT_VARIABLES =
  /^(ITEM_BANK_|GITHUB_|PROJECT_WEBHOOK_|WEBHOOK_SCOPE$|TIME_SCALE$|LOCAL_|LOG_LEVEL$)/;

export function useCommands(): Commands {
  let stateFolder: string;
  let started: ChildProcess[];

  beforeEach(async () => {
    started = [];
    stateFolder = await mkdtemp(join(tmpdir(), 'item-sync-command-'));
    await cp(inject('stateFolder'), stateFolder, { recursive: true });
  });
  afterEach(async () => {
    for (const child of started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await closed;
    }
    await rm(stateFolder, { recursive: true, force: true });
  });

  const start: Commands['start'] = (args, environment = {}) => {
    const inherited = Object.entries(process.env).filter(([name]) => !PROJECT_VARIABLES.test(name));
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: {
        ...Object.fromEntries(inherited),
        ...inject('environment'),
        LOCAL_STATE_FOLDER: stateFolder,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    return child;
  };
  return {
    stateFolder: () => stateFolder,
    start,
    run: (args, environment) => endOf(start(args, environment)),
  };
}

export async function endOf(child: ChildProcess): Promise<Ended> {
  const ended = { code: null, stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (ended.stdout += chunk));
  child.stderr?.on('data', (chunk) => (ended.stderr += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { ...ended, code };
}

/** Resolves with all output so far, once it contains `text`. */
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
export async function postSync(): Promise<Response> {
  const { LOCAL_IDENTITY_PORT: identity, LOCAL_API_PORT: api } = inject('environment');
  const { client } = IDENTITIES;
  const form = { grant_type: 'client_credentials', client_id: client.id, client_secret: client.secret };
  const answer = await fetch(`http://127.0.0.1:${identity}/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return fetch(`http://127.0.0.1:${api}/sync`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
}
