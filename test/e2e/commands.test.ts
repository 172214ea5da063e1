import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { Octokit } from '@octokit/rest';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { readState } from '../../functions/executions/lock.ts';
import { stepFunctionsClient } from '../../local/aws-clients.ts';
import { IDENTITIES } from '../../local/configuration.ts';
import { eventually, jobExecutionsTable } from '../support/embedded.ts';

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const MAIN = join(import.meta.dirname, '..', '..', 'local', 'main.mjs');

describe('the commands', () => {
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

  it('sync runs the bank of 1,811 twice: 10 webhooks are missing, then none', async () => {
    const first = await run(['sync']);
    expect(first.stdout).toContain(
      'Item Synchronization Process complete.  Job execution id: 1, exit status code: COMPLETED, exit message: Total item bank ids: 1811, number of items requiring project webhook: 10\n',
    );
    expect(first.code).toBe(0);
    const second = await run(['sync']);
    expect(second.stdout).toContain(
      'Job execution id: 2, exit status code: COMPLETED, exit message: Total item bank ids: 1811, number of items requiring project webhook: 0\n',
    );
    expect(second.code).toBe(0);

    const logs = await run(['logs']);
    expect(logs.stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}INFO begin-execution +\[1\] Job: \[name=itemSynchronizationJob\] launched/m,
    );
    expect(logs.stdout).not.toContain('DEBUG');
  });

  it('sync uses a running start, and says when another run is under way', async () => {
    const start = spawnCommand(['start'], { GITHUB_LATENCY_MS: '200', ITEM_BANK_SIZE: '300' });
    await said(start, 'Ctrl-C ends it');
    const [one, other] = await Promise.all([run(['sync']), run(['sync'])]);
    expect([one.code, other.code].sort()).toEqual([0, 4]);
    expect(one.stderr + other.stderr).toContain('Not started: job execution 1 is running.');
    const reset = await run(['reset']);
    expect(reset).toMatchObject({ code: 2, stderr: expect.stringContaining('end it first') });
    const ended = new Promise((resolve) => start.once('close', resolve));
    start.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  it('start finds what was accepted before it was killed', async () => {
    const environment = { ITEM_BANK_SIZE: '300' };
    const first = spawnCommand(['start'], environment);
    await said(first, 'Ctrl-C ends it');
    const answer = await postSync();
    expect(answer.status).toBe(202);
    const killed = new Promise((resolve) => first.once('close', resolve));
    first.kill('SIGKILL');
    await killed;

    const second = spawnCommand(['start'], environment);
    await said(second, 'Ctrl-C ends it');
    const follow = spawnCommand(['logs', '--follow'], environment);
    await said(follow, 'Job execution id: 1, exit status code: COMPLETED');
  });

  it('sync ends with 3 when a webhook could not be created', async () => {
    const environment = { ITEM_BANK_SIZE: '12' };
    const start = spawnCommand(['start'], environment);
    await said(start, 'Ctrl-C ends it');
    await useUpTheHooksOfOneRepository();
    const { code, stdout } = await run(['sync']);
    expect(stdout).toContain(
      'COMPLETED_WITH_FAILURES: Total item bank ids: 12, number of items requiring project webhook: 10, project webhooks not created: 1\n',
    );
    expect(code).toBe(3);
  });

  it('sync ends with 1 when the run is stopped', async () => {
    const start = spawnCommand(['start'], { ITEM_BANK_SIZE: '300', GITHUB_LATENCY_MS: '500' });
    await said(start, 'Ctrl-C ends it');
    const sync = spawnCommand(['sync']);
    const ended = endOf(sync);
    const executionArn = await eventually(runningExecution);
    await stepFunctions().send(new StopExecutionCommand({ executionArn, cause: 'maintenance' }));
    expect(await ended).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('FAILED: ABORTED: maintenance'),
    });
  });

  it.each([
    [['sync', '--fast'], {}, '--fast is not an option'],
    [['nothing'], {}, 'There is no command "nothing"'],
    [['sync'], { LOCAL_API_PORT: '0', LOG_LEVEL: 'loud' }, /LOCAL_API_PORT[\s\S]*LOG_LEVEL/],
  ])('%j with %j is wrong use: 2 and a sentence', async (args, environment, sentence) => {
    const { code, stderr } = await run(args, environment);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain('    at ');
  });

  it('a taken port is told by the variable that changes it', async () => {
    const port = Number(inject('environment')['LOCAL_GITHUB_PORT']);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const { code, stderr } = await run(['sync']);
    await new Promise((resolve) => other.close(resolve));
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} is taken by another program: end it, or set LOCAL_GITHUB_PORT`);
  });

  function spawnCommand(args: string[], environment: Record<string, string> = {}): ChildProcess {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, ...inject('environment'), LOCAL_STATE_FOLDER: stateFolder, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    return child;
  }

  const run = (args: string[], environment?: Record<string, string>) =>
    endOf(spawnCommand(args, environment));

  async function endOf(child: ChildProcess): Promise<Ended> {
    const ended = { code: null, stdout: '', stderr: '' };
    child.stdout?.on('data', (chunk) => (ended.stdout += chunk));
    child.stderr?.on('data', (chunk) => (ended.stderr += chunk));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { ...ended, code };
  }

  async function postSync(): Promise<Response> {
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
});

const stepFunctions = () =>
  stepFunctionsClient(`http://127.0.0.1:${inject('environment')['LOCAL_AWS_PORT']}`);

/** The lock says which execution runs. */
async function runningExecution(): Promise<string | undefined> {
  const table = jobExecutionsTable(`http://127.0.0.1:${inject('environment')['LOCAL_AWS_PORT']}`);
  const { active } = await readState(table);
  return active?.status === 'STARTED' ? active.executionArn : undefined;
}

/** GitHub takes 20 webhooks for an event in a repository. */
async function useUpTheHooksOfOneRepository(): Promise<void> {
  const github = new Octokit({
    baseUrl: `http://127.0.0.1:${inject('environment')['LOCAL_GITHUB_PORT']}`,
    auth: 'simulated-github-token',
  });
  for (const { name } of await github.paginate(github.rest.repos.listForOrg, { org: 'item-bank' })) {
    const repository = { owner: 'item-bank', repo: name };
    const { data: hooks } = await github.rest.repos.listWebhooks(repository);
    if (hooks.some(({ config }) => config.url?.endsWith('/webhook'))) continue;
    for (let number = hooks.length; number < 20; number += 1) {
      const config = { url: `https://ci.example.com/${number}`, content_type: 'json' };
      await github.rest.repos.createWebhook({ ...repository, config, events: ['push'] });
    }
    return;
  }
}

function said(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      if (output.includes(text)) resolve();
    });
    child.once('close', (code) =>
      reject(new Error(`ended with ${code} before it said "${text}": ${output}`)),
    );
  });
}
