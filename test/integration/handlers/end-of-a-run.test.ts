import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { readState } from '../../../functions/executions/lock.ts';
import { closeExecution } from '../../../functions/handlers/close-execution.ts';
import { failExecution } from '../../../functions/handlers/fail-execution.ts';
import { hooksPath, ORGANIZATION, startBank } from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run } from '../../support/run.ts';

const newTable = useDynamoDb();

const SIZE = 3;
const MESSAGE =
  'Total item bank ids: 3, number of items requiring project webhook: 0, created: 3, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 0';

async function beginSmallRun(repositories = SIZE): Promise<Run> {
  const bank = await startBank({ repositories, withoutProjectWebhook: 0 });
  return beginRun({ newTable, bank });
}

const recordOf = ({ dependencies, event }: Run) =>
  readExecution(dependencies.executionsTable, event.jobExecutionId);
const lockOf = async ({ dependencies }: Run) => (await readState(dependencies.executionsTable)).active;

describe('completing a run', () => {
  it('records the exit, releases the lock and logs the result', async () => {
    const run = await beginSmallRun();
    await run.list();
    await run.batches();
    run.clock.advance(60_000);
    const result = await run.complete();

    expect(result).toEqual({
      jobExecutionId: 1,
      status: 'COMPLETED',
      exitCode: 'COMPLETED',
      exitMessage: MESSAGE,
    });
    expect(await recordOf(run)).toMatchObject({
      ...result,
      endTime: '2026-11-23T09:01:00.000Z',
      counts: {
        total: SIZE,
        created: SIZE,
        updated: 0,
        unchanged: 0,
        removed: 0,
        deferred: 0,
        failed: 0,
        requiringProjectWebhook: 0,
        webhooksNotCreated: 0,
        webhooksDiffering: 0,
        webhooksNotRepaired: 0,
        webhooksNotChecked: 0,
      },
    });
    expect(await lockOf(run)).toBeUndefined();
    expect(run.log.messages().slice(-3)).toEqual([
      'requests: 4 reads (4 forecast), 6 GraphQL queries (3), 0 writes',
      `Item Synchronization Process complete.  Job execution id: 1, exit status code: COMPLETED, exit message: ${MESSAGE}`,
      'Job: [name=itemSynchronizationJob] completed with the following parameters: [{}] and the following status: [COMPLETED]',
    ]);
  });

  it('returns the same result and writes nothing on retry', async () => {
    const run = await beginSmallRun();
    await run.list();
    await run.batches();
    const first = await run.complete();
    const rows = await allRows(run.dependencies.executionsTable);
    run.clock.advance(60_000);
    expect(await run.complete()).toEqual(first);
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
  });

  it('counts the ids of a batch without a progress row as failed', async () => {
    const run = await beginSmallRun(101);
    await run.list();
    await run.batch(1);
    expect(await run.complete()).toMatchObject({
      status: 'COMPLETED',
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage:
        'Total item bank ids: 101, number of items requiring project webhook: 0, created: 50, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 51',
    });
  });

  it('counts a failed repository once and counts unchecked webhooks separately', async () => {
    const bank = await startBank({ repositories: 5, withoutProjectWebhook: 1 });
    const run = await beginRun({ newTable, bank });
    await run.list();
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    const [gone, ...others] = data.map(({ name }) => name);
    await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo: gone ?? '' });
    const outcome = { status: 404, body: { message: 'Not Found' } };
    for (const name of others.slice(0, 2)) {
      bank.site.fail({ method: 'GET', pathPrefix: hooksPath(name), outcome });
    }
    await run.batch(0);
    await run.createWebhooks();
    expect(await run.complete()).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringMatching(
        /^Total item bank ids: 5, .*, created: 4, .*, failed: 1, project webhooks not checked: 2$/,
      ),
    });
  });

  it('fails before the bank is listed', async () => {
    const run = await beginSmallRun();
    await expect(run.complete()).rejects.toMatchObject({ name: 'RowMissing' });
    expect(await lockOf(run)).toMatchObject({ jobExecutionId: 1 });
  });

  it('fails when the execution was already closed as stopped', async () => {
    const run = await beginSmallRun();
    await run.list();
    await closeExecution(run.dependencies, {
      detail: { executionArn: run.event.executionArn, status: 'ABORTED' },
    });
    await expect(run.complete()).rejects.toMatchObject({ name: 'ExecutionSuperseded' });
    expect(await recordOf(run)).toMatchObject({ status: 'STOPPED' });
  });
});

describe('failing a run', () => {
  it.each([
    [
      'an error of a function, without its stack trace',
      JSON.stringify({ errorType: 'GitHubUnavailable', errorMessage: 'no answer', trace: ['at list (1:1)'] }),
      'GitHubUnavailable: no answer',
    ],
    ['an error of Lambda, unchanged', 'the service is away', 'GitHubUnavailable: the service is away'],
    ['JSON of another shape, unchanged', '{"a":1}', 'GitHubUnavailable: {"a":1}'],
  ])('records the error and its cause as exit message: %s', async (_, Cause, exitMessage) => {
    const run = await beginSmallRun();
    const { executionArn } = run.event;
    await failExecution(run.dependencies, { executionArn, error: { Error: 'GitHubUnavailable', Cause } });
    expect(await recordOf(run)).toMatchObject({ status: 'FAILED', exitCode: 'FAILED', exitMessage });
    expect(await lockOf(run)).toBeUndefined();
    expect(run.log.messages().at(-1)).toContain('the following status: [FAILED]');
  });

  it('limits the exit message to 2,500 characters', async () => {
    const run = await beginSmallRun();
    const error = { Error: 'Error', Cause: 'x'.repeat(10_000) };
    await failExecution(run.dependencies, { executionArn: run.event.executionArn, error });
    expect((await recordOf(run))?.exitMessage).toHaveLength(2_500);
  });

  it('changes nothing when the execution does not hold the lock', async () => {
    const run = await beginSmallRun();
    const rows = await allRows(run.dependencies.executionsTable);
    await failExecution(run.dependencies, { executionArn: 'another', error: { Error: 'E', Cause: 'c' } });
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
    expect(run.log.messages()).toEqual(['nothing to close: this execution does not hold the lock']);
  });
});

describe('closing an execution that Step Functions reports as ended', () => {
  it.each([
    [{ status: 'ABORTED' }, 'STOPPED', 'ABORTED: Step Functions gives no cause'],
    [{ status: 'ABORTED', error: 'Stop', cause: 'by alice' }, 'STOPPED', 'Stop: by alice'],
    [{ status: 'TIMED_OUT', error: null, cause: null }, 'FAILED', 'TIMED_OUT: Step Functions gives no cause'],
    [{ status: 'FAILED', error: 'E', cause: '{"errorMessage":"why"}' }, 'FAILED', 'E: why'],
  ] as const)('records its status and releases the lock: %o', async (ended, status, exitMessage) => {
    const run = await beginSmallRun();
    await closeExecution(run.dependencies, { detail: { executionArn: run.event.executionArn, ...ended } });
    expect(await recordOf(run)).toMatchObject({ status, exitCode: status, exitMessage });
    expect(await lockOf(run)).toBeUndefined();
  });

  it('changes nothing when another execution holds the lock', async () => {
    const run = await beginSmallRun();
    const rows = await allRows(run.dependencies.executionsTable);
    await closeExecution(run.dependencies, { detail: { executionArn: 'another', status: 'ABORTED' } });
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
  });

  it('changes nothing when the execution is still running', async () => {
    const run = await beginSmallRun();
    const rows = await allRows(run.dependencies.executionsTable);
    await closeExecution(run.dependencies, {
      detail: { executionArn: run.event.executionArn, status: 'RUNNING' },
    });
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
  });

  it('keeps the exit message that the run itself recorded', async () => {
    const run = await beginSmallRun();
    const { executionArn } = run.event;
    await failExecution(run.dependencies, { executionArn, error: { Error: 'First', Cause: 'error' } });
    await closeExecution(run.dependencies, { detail: { executionArn, status: 'FAILED', error: 'Second' } });
    expect(await recordOf(run)).toMatchObject({ exitMessage: 'First: error' });
  });
});
