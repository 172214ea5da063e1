import type { ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { DescribeExecutionCommand, ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { Octokit } from '@octokit/rest';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLog } from '../../cli/log-reader.ts';
import { readExecution } from '../../functions/executions/job-execution.ts';
import { readState } from '../../functions/executions/lock.ts';
import { registerExecution } from '../../functions/executions/register.ts';
import { jobExecutionId } from '../../functions/shared/contract/ids.ts';
import type { LogLine } from '../../functions/shared/contract/log-line.ts';
import { resourceNames } from '../../functions/shared/contract/names.ts';
import { logsClient, stepFunctionsClient } from '../../local/aws-clients.ts';
import { STAGE } from '../../local/configuration.ts';
import { call, endOf, postSync, said, useCommands } from '../support/commands.ts';
import { jobExecutionsTable } from '../support/embedded.ts';
import { eventually } from '../support/eventually.ts';
import { isFull } from '../support/extent.ts';
import { workerPort } from '../support/worker-stack.ts';

const { run, start, stateFolder } = useCommands();

const ITEMS = 30;
/** DEBUG adds a log line for each item, so that a run can be killed between two items. */
const ENVIRONMENT = { ITEM_BANK_SIZE: String(ITEMS), LOG_LEVEL: 'DEBUG' };
const MOMENTS = 10;
const SEED = 20_261_124;
/** A run logs at least as many. */
const LINES = 40;

/** Each run is killed after that many log lines. */
const moments = fc.sample(fc.integer({ min: 0, max: LINES }), { seed: SEED, numRuns: MOMENTS });

it.runIf(isFull())(
  `the next start completes a run that was killed, at each of ${MOMENTS} moments, and no process is left over`,
  async () => {
    let up = await startUp();
    for (const [index, lines] of moments.entries()) {
      const id = index + 1;
      const answer = await postSync();
      expect(await answer.json()).toMatchObject({ jobExecutionId: id });
      await eventually(async () => (await linesOf(id)).length >= lines || undefined);
      await end(up, 'SIGKILL');
      up = await startUp();
      await hasCompleted(id);
    }
    await everyRepositoryHasOneProjectWebhook();
    // Nothing but the phases of the start.
    expect(await end(up, 'SIGTERM')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^(?:[a-z ]+: \d+\.\d s\n)*$/),
    });
    expect(await processesOfTheStateFolder()).toEqual([]);
  },
);

it.runIf(isFull())(
  'an interrupted sync leaves no process, and the next start continues its execution',
  async () => {
    const sync = start(['sync'], { ...ENVIRONMENT, GITHUB_LATENCY_MS: '3000' });
    await said(sync, 'Item Synchronization Process starting.');
    expect(await end(sync, 'SIGTERM')).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('goes on with the next start'),
    });
    expect(await processesOfTheStateFolder()).toEqual([]);
    await startUp();
    await hasCompleted(1);
  },
);

it.runIf(isFull())(
  'a run that was killed can be abandoned, and restarted, after the next start',
  async () => {
    const first = await startUp({ GITHUB_LATENCY_MS: '3000' });
    await postSync();
    await eventually(async () => (await linesOf(1)).length >= 4 || undefined);
    await end(first, 'SIGKILL');

    await startUp({ GITHUB_LATENCY_MS: '3000' });
    const abandoned = await call('PUT', '/executions/1/abandon');
    expect(abandoned.status).toBe(200);
    expect(await abandoned.json()).toMatchObject({ jobExecutionId: 1, status: 'ABANDONED' });
    const table = jobExecutionsTable(endpoint());
    expect((await readState(table)).active).toBeUndefined();
    expect((await call('PUT', '/executions/1/abandon')).status).toBe(200);
    const { executionArn = '' } = (await readExecution(table, jobExecutionId(1))) ?? {};
    const { status } = await stepFunctionsClient(endpoint()).send(
      new DescribeExecutionCommand({ executionArn }),
    );
    expect(status).toBe('ABORTED');
    expect((await postSync()).status).toBe(202);
    expect(await readExecution(table, jobExecutionId(1))).toMatchObject({ status: 'ABANDONED' });
  },
);

describe('the sync after one that was killed', () => {
  it('continues its run, and says so', async () => {
    await killDuringRun();
    const { code, stdout, stderr } = await run(['sync'], ENVIRONMENT);
    expect(stderr).toContain('Continuing job execution 1, which was interrupted.\n');
    expect(stdout).toContain('Job execution id: 1, exit status code: COMPLETED, ');
    expect(stdout).not.toContain('Job execution id: 2');
    expect(code).toBe(0);
  });

  it.runIf(isFull())('closes its run and starts another one, if one of the two is a dry run', async () => {
    await killDuringRun();
    const { code, stdout, stderr } = await run(['sync', '--dry-run'], ENVIRONMENT);
    expect(stderr).toContain(
      'Closed job execution 1, which was interrupted, because it was one that writes. Starting another.\n',
    );
    expect(stdout).toContain('Job execution id: 2, exit status code: COMPLETED, ');
    expect(code).toBe(0);
    await startUp();
    const closed = await readExecution(jobExecutionsTable(endpoint()), jobExecutionId(1));
    expect(closed).toMatchObject({ status: 'STOPPED', exitMessage: expect.stringContaining('interrupted') });
  });

  it.runIf(isFull())('completes a start that was interrupted before Step Functions was called', async () => {
    const up = await startUp();
    const { stateMachines } = await stepFunctionsClient(endpoint()).send(new ListStateMachinesCommand({}));
    const prefix = String(stateMachines?.[0]?.stateMachineArn).replace(':stateMachine:', ':execution:');
    const now = () => new Date();
    await registerExecution(
      { executionsTable: jobExecutionsTable(endpoint()), findEnding: async () => undefined, now },
      {
        trigger: 'api',
        startedBy: 'a test',
        options: { dryRun: false },
        executionArn: (id) => `${prefix}:sync-${id}`,
      },
    );
    await end(up, 'SIGKILL');
    const { code, stdout, stderr } = await run(['sync'], ENVIRONMENT);
    expect(stderr).toContain('Continuing job execution 1, which was interrupted.\n');
    expect(stdout).toContain('Job execution id: 1, exit status code: COMPLETED, ');
    expect(code).toBe(0);
  });
});

async function killDuringRun(): Promise<void> {
  const sync = start(['sync'], { ...ENVIRONMENT, GITHUB_LATENCY_MS: '3000' });
  await said(sync, 'Item Synchronization Process starting.');
  await end(sync, 'SIGKILL');
}

async function startUp(environment: Record<string, string> = {}): Promise<ChildProcess> {
  const up = start(['start'], { ...ENVIRONMENT, ...environment });
  await said(up, 'Ctrl-C ends it');
  return up;
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM') {
  const ended = endOf(child);
  child.kill(signal);
  return ended;
}

const endpoint = (): string => `http://127.0.0.1:${workerPort('AWS')}`;

function linesOf(id: number): Promise<LogLine[]> {
  return openLog({
    client: logsClient(endpoint()),
    logGroupName: resourceNames(STAGE).logGroup,
    filterPattern: `{ $.jobExecutionId = ${id} }`,
  })();
}

async function hasCompleted(id: number): Promise<void> {
  const table = jobExecutionsTable(endpoint());
  const state = await eventually(async () => {
    const found = await readState(table);
    return found.active ? undefined : found;
  });
  expect(state).toMatchObject({ lastJobExecutionId: id });
  const record = await readExecution(table, jobExecutionId(id));
  expect(record).toMatchObject({
    status: 'COMPLETED',
    exitCode: 'COMPLETED',
    trigger: 'api',
    counts: { total: ITEMS, failed: 0, deferred: 0, webhooksNotCreated: 0 },
  });
  // The last line is logged after the record is written.
  const ends = await eventually(async () => {
    const lines = await linesOf(id);
    const found = lines.filter(({ message }) => message.startsWith('Item Synchronization Process complete.'));
    return found.length > 0 ? found : undefined;
  });
  expect(ends).toHaveLength(1);
}

async function everyRepositoryHasOneProjectWebhook(): Promise<void> {
  const github = new Octokit({
    baseUrl: `http://127.0.0.1:${workerPort('GITHUB')}`,
    auth: 'simulated-github-token',
  });
  const { data: repositories } = await github.rest.repos.listForOrg({ org: 'item-bank', per_page: 100 });
  expect(repositories).toHaveLength(ITEMS);
  for (const { name } of repositories) {
    const { data: hooks } = await github.rest.repos.listWebhooks({ owner: 'item-bank', repo: name });
    expect(hooks.filter(({ config }) => config.url?.endsWith('/webhook'))).toHaveLength(1);
  }
}

/** Command lines that contain the state folder, such as that of the database engine. */
async function processesOfTheStateFolder(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commandLines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return commandLines.filter((line) => line.includes(stateFolder()));
}
