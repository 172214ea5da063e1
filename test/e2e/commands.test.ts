import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { Octokit } from '@octokit/rest';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { readState } from '../../functions/executions/lock.ts';
import { stepFunctionsClient } from '../../local/aws-clients.ts';
import { endOf, postSync, said, useCommands } from '../support/commands.ts';
import { eventually, jobExecutionsTable } from '../support/embedded.ts';

const { run, start } = useCommands();

describe('the commands', () => {
  // 1,811 items with every revision, twice: a minute and a half where nothing else runs.
  it('sync runs the bank of 1,811 twice: 10 webhooks are missing, then none', {
    timeout: 400_000,
  }, async () => {
    const first = await run(['sync']);
    expect(first.stdout).toContain(
      'Item Synchronization Process complete.  Job execution id: 1, exit status code: COMPLETED, exit message: Total item bank ids: 1811, number of items requiring project webhook: 10, created: 1811, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 0\n',
    );
    expect(first.code).toBe(0);
    const second = await run(['sync']);
    expect(second.stdout).toContain(
      'Job execution id: 2, exit status code: COMPLETED, exit message: Total item bank ids: 1811, number of items requiring project webhook: 0, created: 0, updated: 0, unchanged: 1811, removed: 0, deferred: 0, failed: 0\n',
    );
    expect(second.code).toBe(0);

    const logs = await run(['logs']);
    expect(logs.stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}INFO begin-execution +\[1\] Job: \[name=itemSynchronizationJob\] launched/m,
    );
    expect(logs.stdout).not.toContain('DEBUG');
  });

  it('sync --dry-run says what is missing, and leaves it so', async () => {
    const environment = { ITEM_BANK_SIZE: '30' };
    for (const _ of ['first', 'second']) {
      const dry = await run(['sync', '--dry-run'], environment);
      expect(dry.stderr).toContain('a dry run, which writes nothing. To write, use npm run sync.');
      expect(dry.stdout).toContain('number of items requiring project webhook: 10');
      expect(dry.code).toBe(0);
    }
  });

  it('sync uses a running start, and says when another run is under way', async () => {
    const environment = { ITEM_BANK_SIZE: '300' };
    const up = start(['start'], { GITHUB_LATENCY_MS: '200', ...environment });
    await said(up, 'Ctrl-C ends it');
    const [one, other] = await Promise.all([run(['sync'], environment), run(['sync'], environment)]);
    expect([one.code, other.code].sort()).toEqual([0, 4]);
    expect(one.stderr + other.stderr).toContain('Not started: job execution 1 is running.');
    const reset = await run(['reset']);
    expect(reset).toMatchObject({ code: 2, stderr: expect.stringContaining('end it first') });
    const ended = new Promise((resolve) => up.once('close', resolve));
    up.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  it('sync says which of its settings a running start does not take over', async () => {
    const up = start(['start'], { ITEM_BANK_SIZE: '12' });
    await said(up, 'Ctrl-C ends it');
    const { stdout, stderr } = await run(['sync'], { LOG_LEVEL: 'DEBUG' });
    expect(stderr).toContain('keeps its settings until it ends: logLevel is INFO there and DEBUG here.\n');
    expect(stdout).not.toContain('DEBUG');
  });

  it('start finds what was accepted before it was killed', async () => {
    const environment = { ITEM_BANK_SIZE: '300' };
    const first = start(['start'], environment);
    await said(first, 'Ctrl-C ends it');
    const answer = await postSync();
    expect(answer.status).toBe(202);
    const killed = new Promise((resolve) => first.once('close', resolve));
    first.kill('SIGKILL');
    await killed;

    const second = start(['start'], environment);
    await said(second, 'Ctrl-C ends it');
    const follow = start(['logs', '--follow'], environment);
    await said(follow, 'Job execution id: 1, exit status code: COMPLETED');
  });

  it('sync ends with 3 when a webhook could not be created', async () => {
    const up = start(['start'], { ITEM_BANK_SIZE: '12' });
    await said(up, 'Ctrl-C ends it');
    await useUpTheHooksOfOneRepository();
    const { code, stdout } = await run(['sync']);
    expect(stdout).toMatch(/^COMPLETED_WITH_FAILURES: .*, project webhooks not created: 1$/m);
    expect(code).toBe(3);
  });

  it('sync ends with 1 when the run is stopped', async () => {
    const up = start(['start'], { ITEM_BANK_SIZE: '300', GITHUB_LATENCY_MS: '500' });
    await said(up, 'Ctrl-C ends it');
    const ended = endOf(start(['sync']));
    const executionArn = await eventually(runningExecution);
    await stepFunctions().send(new StopExecutionCommand({ executionArn, cause: 'maintenance' }));
    expect(await ended).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('FAILED: ABORTED: maintenance'),
    });
  });

  it.each([
    [['sync', '--fast'], {}, 'Unknown option --fast'],
    [['nothing'], {}, 'There is no command "nothing"'],
    [['sync'], { LOCAL_API_PORT: '0', LOG_LEVEL: 'loud' }, /LOCAL_API_PORT[\s\S]*LOG_LEVEL/],
    [['sync', '--write'], {}, '--write is for a real organization, which ITEM_BANK_ORG names'],
    [['start', '--write'], {}, '--write is for a real organization, which ITEM_BANK_ORG names'],
    [['sync'], { ITEM_BANK_FOLDER: '/nowhere/at/all' }, '/nowhere/at/all does not exist'],
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
});

describe('a bank from a folder', () => {
  it('has a state of its own beside that of the made-up bank', async () => {
    const { folder, environment } = await createItemFolder();
    expect((await run(['sync'], { ITEM_BANK_SIZE: '12' })).stdout).toContain('Total item bank ids: 12,');
    const { code, stdout, stderr } = await run(['sync'], environment);
    expect(stderr).toContain(`Working on the simulated organization item-bank, filled from ${folder}.\n`);
    expect(stderr).toContain('These folders hold no item.json: no-item.\n');
    expect(stdout).toContain('[1] Item Synchronization Process complete.');
    expect(stdout).toContain('Total item bank ids: 2,');
    expect(code).toBe(0);
    expect((await run(['logs'], environment)).stdout).toContain('Total item bank ids: 2,');
    expect((await run(['logs'])).stdout).not.toContain('Total item bank ids: 2,');
  });

  it('follows the folder: what is edited is updated, what is new is created, what is gone is removed', async () => {
    const { folder, environment } = await createItemFolder();
    expect((await run(['sync'], environment)).stdout).toContain(', created: 2, updated: 0,');
    await writeItem(folder, 'item-1', { note: 'edited' });
    await writeItem(folder, 'item-3');
    await rm(join(folder, 'item-2'), { recursive: true });
    const { stdout } = await run(['sync'], environment);
    expect(stdout).toContain(
      'requiring project webhook: 1, created: 1, updated: 1, unchanged: 0, removed: 1, deferred: 0, failed: 0',
    );
  });

  it('is refused in words when GitHub would not take a name', async () => {
    const { folder, environment } = await createItemFolder();
    await writeItem(folder, 'my item');
    const { code, stderr } = await run(['sync'], environment);
    expect(code).toBe(2);
    expect(stderr).toContain('my item');
    expect(stderr).not.toContain('    at ');
  });
});

/** Two items, and a folder without one. */
async function createItemFolder(): Promise<{ folder: string; environment: Record<string, string> }> {
  const folder = await mkdtemp(join(tmpdir(), 'item-sync-own-bank-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'no-item'));
  for (const name of ['item-1', 'item-2']) await writeItem(folder, name);
  return { folder, environment: { ITEM_BANK_FOLDER: folder } };
}

async function writeItem(folder: string, name: string, more: object = {}): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  const item = { id: name.replaceAll(/\D/g, ''), type: 'er', ...more };
  await writeFile(join(folder, name, 'item.json'), JSON.stringify(item));
}

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
