import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { readBankMemory } from '../../../functions/executions/bank-memory.ts';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { KEYS } from '../../../functions/executions/keys.ts';
import { readListing } from '../../../functions/executions/listing.ts';
import { readState } from '../../../functions/executions/lock.ts';
import { failExecution } from '../../../functions/handlers/fail-execution.ts';
import { jobExecutionId } from '../../../functions/shared/contract/ids.ts';
import { type Bank, hooksPath, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { HOUR_MS, MINUTE_MS } from '../../support/clock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { executionArn } from '../../support/executions.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { beginRun, type EndedRun, type Run, type RunSetup } from '../../support/run.ts';
import { useStepFunctions } from '../../support/step-functions.ts';
import { beginRegistered, openControl } from './control-support.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

const BROKEN = { status: 404, body: { message: 'Not Found' } };

/** Rejects the creation of every webhook. */
const failCreation = ({ site }: Bank) =>
  site.fail({
    method: 'POST',
    pathPrefix: '/repos/',
    times: Infinity,
    outcome: { status: 422, body: { message: 'no' } },
  });

async function begin(
  setup: Partial<RunSetup> & { repositories?: number; withoutProjectWebhook?: number } = {},
) {
  const { repositories = 101, withoutProjectWebhook = 0 } = setup;
  const bank = setup.bank ?? (await startBank({ repositories, withoutProjectWebhook }));
  const run = await beginRun({ newTable, bank, ...setup });
  return { bank, run, control: openControl(run, stepFunctions) };
}

const beginRestart = (run: Run, bank: Bank, id: number) => beginRegistered({ newTable, bank }, run, id);

async function restartAll(run: Run, bank: Bank, id = 2): Promise<EndedRun> {
  const restarted = await beginRestart(run, bank, id);
  return { ...restarted, exit: await restarted.all() };
}

describe('POST /executions/{jobExecutionId}/restart', () => {
  it('handles what a stopped run left, and links both runs', async () => {
    const { bank, run, control } = await begin({ withoutProjectWebhook: 101 });
    await run.list();
    await run.batch(0);
    await control.stop(1);
    const stopped = await run.complete();
    expect(stopped.exitMessage).toContain('not processed: 50');
    run.clock.advance(MINUTE_MS);

    const answer = await control.restart(1);
    expect(answer).toMatchObject({ status: 202, headers: { location: '/executions/2' } });
    expect(answer.body).toEqual({
      jobExecutionId: 2,
      name: 'itemSynchronizationJob',
      status: 'STARTING',
      message: 'Job execution 2 was started with the item bank ids that job execution 1 left',
      executionArn: executionArn('sync-2-token'),
      restartOf: 1,
    });
    const { executionsTable } = run.dependencies;
    expect(await readExecution(executionsTable, jobExecutionId(1))).toMatchObject({ restartedBy: 2 });
    expect(await readExecution(executionsTable, jobExecutionId(2))).toMatchObject({
      trigger: 'api',
      startedBy: 'bob',
      options: { dryRun: false, restartOf: 1 },
    });
    expect((await readState(executionsTable)).active).toMatchObject({ options: { restartOf: 1 } });

    bank.requests(ROUTES.listing);
    bank.requests(ROUTES.createHook);
    const restarted = await restartAll(run, bank);
    // Every id: 50 were not processed, and the webhooks of 51 were not created.
    expect(restarted.exit).toEqual({
      jobExecutionId: 2,
      status: 'COMPLETED',
      exitCode: 'COMPLETED',
      exitMessage:
        'Total item bank ids: 101, number of items requiring project webhook: 101, created: 50, updated: 0, unchanged: 51, removed: 0, deferred: 0, failed: 0, restart of job execution 1',
    });
    expect(bank.requests(ROUTES.listing)).toBe(0);
    expect(bank.requests(ROUTES.createHook)).toBe(101);
    expect(restarted.log.messages()).toEqual(
      expect.arrayContaining([
        'getting item bank ids from job execution 1',
        'retrieved 101 item bank ids from job execution 1 in 0 seconds',
        'removing nothing, because this is a restart of job execution 1',
        'Job: [name=itemSynchronizationJob] completed with the following parameters: [{restartOf=1}] and the following status: [COMPLETED]',
      ]),
    );
    expect(restarted.log.messages().filter((line) => line.includes('source control'))).toEqual([]);
    expect(restarted.events.at(-1)).toMatchObject({
      type: 'SyncCompleted',
      detail: { ...restarted.exit, restartOf: 1 },
    });
  });

  it('handles only the ids that failed, removes nothing, and is not a full run', async () => {
    const { bank, run, control } = await begin({ repositories: 5 });
    await run.list();
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    const [first, second, third] = data.map(({ name }) => name);
    for (const name of [first, second]) {
      bank.site.fail({ method: 'GET', pathPrefix: hooksPath(name ?? ''), outcome: BROKEN });
    }
    await run.batches();
    await run.createWebhooks();
    await run.remove();
    expect(await run.complete()).toMatchObject({ exitCode: 'COMPLETED_WITH_FAILURES' });
    const { executionsTable, itemsTable } = run.dependencies;
    const state = await readState(executionsTable);
    const memory = await readBankMemory(executionsTable);
    // A deleted repository that did not fail is not the restart's.
    await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo: third ?? '' });
    const mirror = await mirrorOf(itemsTable);

    run.clock.advance(HOUR_MS);
    await control.restart(1);
    const { exit } = await restartAll(run, bank);
    expect(exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringMatching(
        /^Total item bank ids: 2, .*, unchanged: 2, removed: 0, .*, failed: 0, restart of/,
      ),
    });
    expect(await mirrorOf(itemsTable)).toEqual(mirror);
    expect(await readState(executionsTable)).toEqual({ ...state, lastJobExecutionId: 2 });
    expect(await readBankMemory(executionsTable)).toEqual(memory);
  });

  it('retries webhooks that GitHub rejected', async () => {
    const { bank, run, control } = await begin({ repositories: 3, withoutProjectWebhook: 2 });
    failCreation(bank);
    await run.all();
    bank.site.mend();
    await control.restart(1);
    expect((await restartAll(run, bank)).exit.exitMessage).toMatch(
      /^Total item bank ids: 2, number of items requiring project webhook: 2, .*, unchanged: 2, .*, failed: 0, restart of job execution 1$/,
    );
    expect(bank.requests(ROUTES.createHook)).toBeGreaterThan(0);
    run.clock.advance(HOUR_MS);
    expect(await control.restart(2)).toMatchObject({ status: 422 });
  });

  it('checks the same classes of webhooks as the other run', async () => {
    const { bank, run, control } = await begin({ repositories: 14 });
    await run.list();
    const { executionsTable } = run.dependencies;
    const listing = await readListing(executionsTable, jobExecutionId(1));
    await executionsTable.client.send(
      new PutCommand({
        TableName: executionsTable.name,
        Item: { ...KEYS.listing(jobExecutionId(1)), ...listing, webhookClasses: [3, 4] },
      }),
    );
    await control.stop(1);
    await run.complete();
    await control.restart(1);
    const restarted = await beginRestart(run, bank, 2);
    await restarted.list();
    expect(await readListing(executionsTable, jobExecutionId(2))).toMatchObject({
      total: 14,
      complete: false,
      webhookClasses: [3, 4],
    });
  });

  it('answers the same again, and starts one run for simultaneous callers', async () => {
    const { bank, run, control } = await begin({ repositories: 2 });
    await run.list();
    await control.stop(1);
    await run.complete();
    const answers = await Promise.all(['bob', 'carol', 'dave'].map((subject) => control.restart(1, subject)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ status: 202, body: { jobExecutionId: 2 } });
    expect(new Set(stepFunctions.requests.filter((request) => request.startsWith('StartExecution')))).toEqual(
      new Set(['StartExecution sync-2-token']),
    );
    const restarted = await beginRestart(run, bank, 2);
    expect(await control.restart(1)).toMatchObject({
      status: 202,
      body: { jobExecutionId: 2, status: 'STARTED' },
    });
    await restarted.all();
    expect(await control.restart(1)).toMatchObject({
      status: 202,
      body: {
        jobExecutionId: 2,
        status: 'COMPLETED',
        message:
          'Job execution 2, which restarted job execution 1, has ended: COMPLETED. Restart it to do what it left',
      },
    });
  });

  it('can be restarted again if Step Functions refused to start it', async () => {
    const { run, control } = await begin({ repositories: 2 });
    await run.list();
    await control.stop(1);
    await run.complete();
    stepFunctions.misbehave({ status: 400, error: 'StateMachineDoesNotExist' });
    expect(await control.restart(1)).toMatchObject({ status: 503, body: { code: 'EXECUTION_NOT_STARTED' } });
    expect(await readExecution(run.dependencies.executionsTable, jobExecutionId(1))).not.toHaveProperty(
      'restartedBy',
    );
    expect(await control.restart(1)).toMatchObject({ status: 202, body: { jobExecutionId: 3 } });
  });

  it('restarts a restart that ended before it had a listing', async () => {
    const { bank, run, control } = await begin({ repositories: 3 });
    await run.list();
    await control.stop(1);
    await run.complete();
    await control.restart(1);
    const second = await beginRestart(run, bank, 2);
    const error = { Error: 'GitHubCredentialsRejected', Cause: 'why' };
    await failExecution(second.dependencies, { executionArn: second.event.executionArn, error });
    expect(await control.restart(2)).toMatchObject({
      status: 202,
      body: { jobExecutionId: 3, restartOf: 2 },
    });
    expect((await restartAll(run, bank, 3)).exit.exitMessage).toMatch(
      /^Total item bank ids: 3, .*, created: 3, .*, failed: 0, restart of job execution 2$/,
    );
  });

  it('is a dry run if the other run was one, or with dryRunOnly', async () => {
    const dry = await begin({ repositories: 3, withoutProjectWebhook: 1, options: { dryRun: true } });
    await dry.run.list();
    await dry.control.stop(1);
    await dry.run.complete();
    const answer = await dry.control.restart(1);
    expect(answer.body['message']).toBe(
      'Job execution 2 was started as a dry run with the item bank ids that job execution 1 left',
    );
    const { exit, events } = await restartAll(dry.run, dry.bank);
    expect(exit.exitMessage).toMatch(/restart of job execution 1, dry run: nothing was written$/);
    expect(events).toEqual([]);
    // A dry run creates no webhook, so that a missing one is nothing that it left.
    expect(await dry.control.restart(2)).toMatchObject({ status: 422 });

    const wet = await begin({ repositories: 2 });
    await wet.run.list();
    await wet.control.stop(1);
    await wet.run.complete();
    await openControl(wet.run, stepFunctions, { dryRunOnly: true }).restart(1);
    expect(await readExecution(wet.run.dependencies.executionsTable, jobExecutionId(2))).toMatchObject({
      options: { dryRun: true, restartOf: 1 },
    });
  });

  it('answers 409 while this run or another one is running', async () => {
    const { bank, run, control } = await begin({ repositories: 2 });
    stepFunctions.executions.set(run.event.executionArn, { status: 'RUNNING' });
    const running = {
      status: 409,
      body: {
        code: 'JOB_ALREADY_RUNNING',
        jobExecutionId: 1,
        executionArn: run.event.executionArn,
        dryRun: false,
      },
    };
    expect(await control.restart(1)).toMatchObject(running);
    await run.list();
    await control.stop(1);
    expect(await control.restart(1)).toMatchObject(running);
    await run.complete();

    const other = await beginRun({ newTable, bank, tables: run.dependencies, clock: run.clock });
    stepFunctions.executions.set(other.event.executionArn, { status: 'RUNNING' });
    expect(await control.restart(1)).toMatchObject({ status: 409, body: { jobExecutionId: 2 } });
    expect(await readExecution(run.dependencies.executionsTable, jobExecutionId(1))).not.toHaveProperty(
      'restartedBy',
    );
  });

  it('closes the record of a run that was killed, reports its end, and restarts it', async () => {
    const { bank, run, control } = await begin({ repositories: 3 });
    await run.list();
    stepFunctions.executions.set(run.event.executionArn, {
      status: 'ABORTED',
      error: 'Killed',
      cause: 'by nobody',
    });
    run.clock.advance(MINUTE_MS);
    expect(await control.restart(1)).toMatchObject({ status: 202, body: { jobExecutionId: 2 } });
    expect(await readExecution(run.dependencies.executionsTable, jobExecutionId(1))).toMatchObject({
      status: 'STOPPED',
      exitMessage: 'Killed: by nobody',
      restartedBy: 2,
    });
    const ended = { jobExecutionId: 1, exitCode: 'STOPPED' };
    expect(run.notifications).toMatchObject([ended]);
    expect(run.events).toMatchObject([{ type: 'SyncCompleted', detail: ended }]);
    expect((await restartAll(run, bank)).exit.exitMessage).toContain('created: 3');
  });

  it('answers 422 if nothing is left, and says what to do instead', async () => {
    const { run, control } = await begin({ repositories: 2 });
    await run.all();
    const rows = await allRows(run.dependencies.executionsTable);
    expect(await control.restart(1)).toMatchObject({
      status: 422,
      body: {
        code: 'NOTHING_TO_RESTART',
        detail: 'job execution 1 left nothing to do; POST /sync starts a run of the whole bank',
      },
    });
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
  });

  it('answers 422 if the run never listed the bank, or if rows may have been deleted', async () => {
    const early = await begin({ repositories: 2 });
    await early.control.stop(1);
    await early.run.complete();
    expect(await early.control.restart(1)).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('job execution 1 ended before it listed the item bank') },
    });

    const { run, control } = await begin({ repositories: 2 });
    await run.list();
    await control.stop(1);
    await run.complete();
    run.clock.advance(30 * 24 * HOUR_MS);
    expect(await control.restart(1)).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('is so old that what it left is no longer known') },
    });
  });

  it('answers 404 for an unknown id, and 400 for an invalid one', async () => {
    const { control } = await begin({ repositories: 1 });
    expect(await control.restart(2)).toMatchObject({ status: 404, body: { code: 'EXECUTION_NOT_FOUND' } });
    expect(await control.restart('-1')).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
  });
});
