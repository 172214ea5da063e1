import { describe, expect, it } from 'vitest';
import { claimLock } from '../../../functions/executions/begin.ts';
import { sharedWaits } from '../../../functions/executions/github-waits.ts';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { readState } from '../../../functions/executions/lock.ts';
import { closeExecution } from '../../../functions/handlers/close-execution.ts';
import { ROUTES, startBank } from '../../support/bank.ts';
import { createClock, HOUR_MS, MINUTE_MS } from '../../support/clock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { createLog } from '../../support/log.ts';
import { beginRun, newTables, type Run, type RunSetup, register } from '../../support/run.ts';
import { useStepFunctions } from '../../support/step-functions.ts';
import { openControl } from './control-support.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

const recordOf = ({ dependencies, event }: Pick<Run, 'dependencies' | 'event'>) =>
  readExecution(dependencies.executionsTable, event.jobExecutionId);

async function beginStoppableRun(setup: Partial<RunSetup> & { repositories?: number } = {}) {
  const bank =
    setup.bank ?? (await startBank({ repositories: setup.repositories ?? 101, withoutProjectWebhook: 2 }));
  const run = await beginRun({ newTable, bank, ...setup });
  return { bank, run, control: openControl(run, stepFunctions) };
}

describe('POST /executions/{jobExecutionId}/stop', () => {
  it('answers 202, and the run only ends its record', async () => {
    const { bank, run, control } = await beginStoppableRun();
    await run.list();
    await run.batch(0);
    const answer = await control.stop(1);
    expect(answer).toMatchObject({ status: 202, headers: { 'content-type': 'application/json' } });
    expect(answer.body).toEqual({
      jobExecutionId: 1,
      status: 'STOPPING',
      message: 'Job execution 1 stops when the batches in progress are finished',
      stoppedBy: 'bob',
    });
    expect(run.log.messages().at(-1)).toBe('stop of job execution 1 requested by bob');
    expect(await recordOf(run)).toMatchObject({ status: 'STOPPING', stoppedBy: 'bob' });

    const requests = [...bank.site.traffic.requests.values()].length;
    const rows = await allRows(run.dependencies.executionsTable);
    const done = { deferred: false, resumeAt: run.clock.now().toISOString() };
    const nothing = { processed: 0, requiringProjectWebhook: 0, failedItemBankIds: [] };
    expect(await run.batch(1)).toEqual({ ...done, ...nothing });
    expect(await run.createWebhooks()).toEqual(done);
    expect(await run.remove()).toEqual(done);
    expect([...bank.site.traffic.requests.values()]).toHaveLength(requests);
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);

    const exitMessage =
      'Total item bank ids: 101, number of items requiring project webhook: 1, created: 51, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 0, project webhooks not created: 1, not processed: 50, stopped by bob';
    const result = await run.complete();
    expect(result).toEqual({ jobExecutionId: 1, status: 'STOPPED', exitCode: 'STOPPED', exitMessage });
    expect(run.events.at(-1)).toMatchObject({ type: 'SyncCompleted', detail: result });
    expect(run.log.messages().slice(-2)).toEqual([
      `Item Synchronization Process complete.  Job execution id: 1, exit status code: STOPPED, exit message: ${exitMessage}`,
      'Job: [name=itemSynchronizationJob] completed with the following parameters: [{}] and the following status: [STOPPED]',
    ]);
    expect(await recordOf(run)).toMatchObject({
      ...result,
      counts: { total: 101, created: 51, failed: 0, deferred: 0 },
      stoppedBy: 'bob',
    });
    expect(await run.complete()).toEqual(result);
    expect((await run.items()).filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    const { active, ...left } = await readState(run.dependencies.executionsTable);
    expect(active).toBeUndefined();
    expect(left).toEqual({ lastJobExecutionId: 1 });
  });

  it('stops a run that has not listed the bank', async () => {
    const { bank, run, control } = await beginStoppableRun();
    await control.stop(1);
    expect(await run.list()).toMatchObject({ deferred: false, batches: [], workers: 1 });
    expect(bank.requests(ROUTES.listing)).toBe(0);
    expect(await run.complete()).toMatchObject({
      exitCode: 'STOPPED',
      exitMessage: expect.stringMatching(
        /^Total item bank ids: 0, .*, failed: 0, stopped by bob before the item bank ids were listed$/,
      ),
    });
  });

  it('stops a run that has not begun', async () => {
    const clock = createClock();
    const { executionsTable } = await newTables(newTable);
    const { executionArn } = await register(executionsTable, clock, { dryRun: false });
    const log = createLog();
    const control = openControl(
      { clock, log, dependencies: { executionsTable, publish: async () => {} } },
      stepFunctions,
    );
    expect((await control.stop(1)).body).toMatchObject({ status: 'STOPPING' });
    const claim = { executionsTable, now: clock.now, findEnding: async () => undefined, dryRunOnly: false };
    expect(await claimLock(claim, executionArn)).toMatchObject({
      again: false,
      execution: { status: 'STOPPING', stoppedBy: 'bob', startTime: clock.now().toISOString() },
    });
    expect(await claimLock(claim, executionArn)).toMatchObject({ again: true });
  });

  it('ends the run while a batch would wait for GitHub', async () => {
    const clock = createClock();
    const limits = { restRequestsPerHour: 7, graphqlPointsPerHour: 100 };
    const bank = await startBank({ repositories: 10, withoutProjectWebhook: 0, limits, now: clock.now });
    const { run, control } = await beginStoppableRun({ bank, clock });
    await run.list();
    let stopped = false;
    bank.site.fail({
      method: 'GET',
      pathPrefix: '/repos/',
      outcome: {
        change: async (answer) => {
          if (!stopped) await control.stop(1);
          stopped = true;
          return answer;
        },
      },
    });
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 6 });
    expect(run.log.messages().filter((line) => line.includes('deferred until'))).toEqual([]);
    expect(await run.complete()).toMatchObject({
      exitMessage: expect.stringMatching(/created: 6, .*, failed: 0, not processed: 4, stopped by bob$/),
    });
  });

  it('says until when the run may wait for GitHub', async () => {
    const { run, control } = await beginStoppableRun({ repositories: 2 });
    const { clock } = run;
    const until = new Date(clock.now().getTime() + HOUR_MS);
    const waits = sharedWaits(run.dependencies.executionsTable);
    await waits.extend('restQuota', { until, count: 1 }, clock.now());
    expect((await control.stop(1)).body['message']).toBe(
      'Job execution 1 stops when the batches in progress are finished, or when its wait for GitHub ends, at about 10:00 UTC. PUT /executions/1/abandon ends it at once',
    );
    clock.advance(HOUR_MS);
    expect((await control.stop(1)).body['message']).toBe(
      'Job execution 1 stops when the batches in progress are finished',
    );
  });

  it('stops the creation of webhooks after ten more, even if they take no time', async () => {
    const { bank, run, control } = await beginStoppableRun({
      bank: await startBank({ repositories: 101, withoutProjectWebhook: 101 }),
    });
    await run.list();
    await run.batches();
    bank.site.fail({
      method: 'POST',
      pathPrefix: '/repos/',
      outcome: {
        change: async (answer) => {
          await control.stop(1);
          return answer;
        },
      },
    });
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(bank.requests(ROUTES.createHook)).toBe(10);
    expect(await run.complete()).toMatchObject({
      exitMessage: expect.stringMatching(/, project webhooks not created: 91, stopped by bob$/),
    });
  });

  it('returns the same answer to further calls, and names the first caller', async () => {
    const { run, control } = await beginStoppableRun({ repositories: 2 });
    const first = await control.stop(1, 'bob');
    const rows = await allRows(run.dependencies.executionsTable);
    run.clock.advance(MINUTE_MS);
    expect(await control.stop(1, 'carol')).toEqual(first);
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
    await run.complete();
    expect(await control.stop(1, 'carol')).toMatchObject({
      status: 202,
      body: { status: 'STOPPED', message: 'Job execution 1 is stopped', stoppedBy: 'bob' },
    });
  });

  it('records one of several simultaneous requests', async () => {
    const { control } = await beginStoppableRun({ repositories: 2 });
    const answers = await Promise.all(['bob', 'carol', 'dave'].map((subject) => control.stop(1, subject)));
    expect(new Set(answers.map(({ body }) => body['stoppedBy'])).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  });

  it('answers 409 if the run ended in another way', async () => {
    const { run, control } = await beginStoppableRun({ repositories: 2 });
    await run.all();
    expect(await control.stop(1)).toMatchObject({
      status: 409,
      body: {
        code: 'EXECUTION_ENDED',
        detail: 'job execution 1 has ended: COMPLETED',
        jobExecutionId: 1,
        exitCode: 'COMPLETED',
      },
    });
  });

  it('answers 409 if somebody else stopped the execution in Step Functions', async () => {
    const { run, control } = await beginStoppableRun({ repositories: 2 });
    const { executionArn } = run.event;
    await closeExecution(run.dependencies, { detail: { executionArn, status: 'ABORTED' } });
    expect(await control.stop(1)).toMatchObject({ status: 409, body: { exitCode: 'STOPPED' } });
  });

  it('answers 404 for an unknown id, and 400 for an invalid one', async () => {
    const { control } = await beginStoppableRun({ repositories: 2 });
    expect(await control.stop(2)).toMatchObject({ status: 404, body: { code: 'EXECUTION_NOT_FOUND' } });
    for (const id of ['0', 'latest']) {
      expect(await control.stop(id)).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    }
  });
});
