import type { ChildProcess } from 'node:child_process';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { Octokit } from '@octokit/rest';
import { beforeAll, describe, expect, it } from 'vitest';
import { readState } from '../../functions/executions/lock.ts';
import { stepFunctionsClient } from '../../local/aws-clients.ts';
import { type Ended, endOf, postSync, said, useCommands } from '../support/commands.ts';
import { jobExecutionsTable } from '../support/embedded.ts';
import { eventually } from '../support/eventually.ts';
import { workerPort } from '../support/worker-stack.ts';

const SMALL_BANK = { ITEM_BANK_SIZE: '12' };
/** A run needs more than five answers of GitHub, one after another, so that none ends during a test. */
const SLOW_GITHUB = { ...SMALL_BANK, GITHUB_LATENCY_MS: '10000' };

/** Waits until the stack is up. */
async function isUp(start: ChildProcess): Promise<ChildProcess> {
  await said(start, 'Ctrl-C ends it');
  return start;
}

describe('while start is running', () => {
  const { run, start } = useCommands('describe');

  beforeAll(async () => {
    await isUp(start(['start'], SMALL_BANK));
  });

  it('sync uses it, and reports settings that it cannot change there', async () => {
    const { code, stdout, stderr } = await run(['sync'], { LOG_LEVEL: 'DEBUG' });
    expect(stderr).toContain('keeps its settings until it ends: logLevel is INFO there and DEBUG here.\n');
    expect(stdout).not.toContain('DEBUG');
    expect(code).toBe(0);
  });

  it('sync exits with 3 when a webhook cannot be created', async () => {
    await fillAllHooksOfOneRepository();
    const { code, stdout } = await run(['sync']);
    expect(stdout).toMatch(/^COMPLETED_WITH_FAILURES: .*, project webhooks not created: 1$/m);
    expect(code).toBe(3);
  });
});

describe('while a run is under way in start', () => {
  const { run, start } = useCommands('describe');
  let up: ChildProcess;
  let sync: Promise<Ended>;
  let executionArn: string;

  beforeAll(async () => {
    up = await isUp(start(['start'], SLOW_GITHUB));
    sync = run(['sync']);
    executionArn = await eventually(runningExecution);
  });

  it('sync exits with 4 and names the run', async () => {
    const { code, stderr } = await run(['sync']);
    expect(stderr).toContain('Not started: job execution 1 is running.');
    expect(code).toBe(4);
  });

  it('reset refuses to delete the state', async () => {
    const { code, stderr } = await run(['reset']);
    expect(stderr).toMatch(
      /^Nothing was deleted, because npm start \(process \d+, since .*\) is using .*: end it first\.$/m,
    );
    expect(code).toBe(2);
  });

  it('a second start recognizes it, and prints the names of the stack', async () => {
    const { code, stdout, stderr } = await run(['start']);
    expect(stderr).toContain(`the stack is up already: npm start (process ${up.pid}, since`);
    expect(stdout).toContain('  export LOG_GROUP=/item-sync/local\n');
    expect(code).toBe(0);
  });

  it('the sync that follows the run exits with 1 when the run is stopped', async () => {
    const client = stepFunctionsClient(`http://127.0.0.1:${workerPort('AWS')}`);
    await client.send(new StopExecutionCommand({ executionArn, cause: 'maintenance' }));
    expect(await sync).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('FAILED: ABORTED: maintenance'),
    });
  });

  it('start exits with 0 when it is interrupted', async () => {
    const ended = endOf(up);
    up.kill('SIGINT');
    expect((await ended).code).toBe(0);
  });
});

describe('after start was killed', () => {
  const { run, start } = useCommands();

  it('the sync that followed a run in it says so and exits with 5', async () => {
    const up = await isUp(start(['start'], SLOW_GITHUB));
    const sync = run(['sync']);
    await eventually(runningExecution);
    const killed = endOf(up);
    up.kill('SIGKILL');
    await killed;
    expect(await sync).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(
        /^The stack has ended with npm start \(.*\)\. Job execution 1 goes on with the next start\.$/m,
      ),
    });
  });

  it('the next start completes the run that it had accepted', async () => {
    const first = await isUp(start(['start'], SLOW_GITHUB));
    const answer = await postSync();
    expect(answer.status).toBe(202);
    const follow = start(['logs', '--follow'], SMALL_BANK);
    const killed = endOf(first);
    first.kill('SIGKILL');
    await killed;

    await isUp(start(['start'], SMALL_BANK));
    await said(follow, 'Job execution id: 1, exit status code: COMPLETED');
  });
});

/** The execution that holds the lock, once it has begun. */
async function runningExecution(): Promise<string | undefined> {
  const { active } = await readState(jobExecutionsTable(`http://127.0.0.1:${workerPort('AWS')}`));
  return active?.status === 'STARTED' ? active.executionArn : undefined;
}

/** GitHub allows 20 webhooks for an event in a repository. */
async function fillAllHooksOfOneRepository(): Promise<void> {
  const github = new Octokit({
    baseUrl: `http://127.0.0.1:${workerPort('GITHUB')}`,
    auth: 'simulated-github-token',
  });
  const { data: repositories } = await github.rest.repos.listForOrg({ org: 'item-bank' });
  const repository = { owner: 'item-bank', repo: repositories[0]?.name ?? '' };
  const { data: hooks } = await github.rest.repos.listWebhooks(repository);
  const ours = hooks.find(({ config }) => config.url?.endsWith('/webhook'));
  if (ours) await github.rest.repos.deleteWebhook({ ...repository, hook_id: ours.id });
  for (let number = ours ? hooks.length - 1 : hooks.length; number < 20; number += 1) {
    const config = { url: `https://ci.example.com/${number}`, content_type: 'json' };
    await github.rest.repos.createWebhook({ ...repository, config, events: ['push'] });
  }
}
