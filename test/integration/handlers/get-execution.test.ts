import { describe, expect, it } from 'vitest';
import { sharedWaits } from '../../../functions/executions/github-waits.ts';
import { KEYS } from '../../../functions/executions/keys.ts';
import { recordForecast } from '../../../functions/executions/requests.ts';
import { jobExecutionId } from '../../../functions/shared/contract/ids.ts';
import { putRows } from '../../../functions/shared/dynamodb.ts';
import { recordSharedWebhook } from '../../../functions/webhooks/webhook-rows.ts';
import { startBank } from '../../support/bank.ts';
import { HOUR_MS, MINUTE_MS } from '../../support/clock.ts';
import { allRows, countRequests, useDynamoDb } from '../../support/dynamodb.ts';
import { createJob } from '../../support/executions.ts';
import { recordOf } from '../../support/records.ts';
import { beginRun } from '../../support/run.ts';
import { useStepFunctions } from '../../support/step-functions.ts';
import { openExecutionsApi } from './executions-support.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

const ID = jobExecutionId(1);
const DAY_MS = 24 * HOUR_MS;
const NO_OUTCOMES = { created: 0, updated: 0, derived: 0, unchanged: 0, removed: 0, deferred: 0, failed: 0 };

/** A run that holds the lock, and that Step Functions says to be running. */
async function beginAndRead(repositories = 12) {
  const bank = await startBank({ repositories, withoutProjectWebhook: 3 });
  const run = await beginRun({ newTable, bank });
  stepFunctions.executions.set(run.event.executionArn, { status: 'RUNNING' });
  const api = openExecutionsApi(run.dependencies.executionsTable, stepFunctions);
  return { run, api, read: async () => (await api.get(1)).body };
}

describe('GET /executions/{jobExecutionId}', () => {
  it('answers 404 if there is no such run', async () => {
    const api = openExecutionsApi(await newTable(), stepFunctions);
    expect(await api.get(7)).toMatchObject({
      status: 404,
      body: { code: 'EXECUTION_NOT_FOUND', detail: 'there is no job execution 7' },
    });
  });

  it.each(['0', '-1', '1.5', 'last', '9007199254740992'])('answers 400 to the id %s', async (id) => {
    const api = openExecutionsApi(await newTable(), stepFunctions);
    expect(await api.get(id)).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
  });

  it('follows a run from its start to its end', async () => {
    const { run, read } = await beginAndRead(102);
    const keptUntil = '2026-12-23T09:00:00.000Z';
    expect(await read()).toMatchObject({
      status: 'STARTED',
      total: null,
      done: 0,
      outcomes: NO_OUTCOMES,
      waits: [],
      forecast: null,
      estimatedEnd: null,
      itemsKeptUntil: keptUntil,
    });

    await run.list();
    expect(await read()).toMatchObject({ total: 102, done: 0, forecast: { webhookChecks: 102 } });

    run.clock.advance(MINUTE_MS);
    await run.batch(0);
    const half = await read();
    expect(half).toMatchObject({ total: 102, done: 51, outcomes: { ...NO_OUTCOMES, created: 51 } });
    expect(half.webhooks).toMatchObject({ created: 0, missing: half.requiringProjectWebhook });
    expect(half.requests?.reads).toBeGreaterThanOrEqual(51);

    await run.batch(1);
    await run.createWebhooks();
    await run.remove();
    expect(await read()).toMatchObject({ done: 102, requiringProjectWebhook: 3, webhooks: { missing: 3 } });

    await run.complete();
    expect(await read()).toMatchObject({
      status: 'COMPLETED',
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining('Total item bank ids: 102'),
      total: 102,
      done: 102,
      outcomes: { ...NO_OUTCOMES, created: 102 },
      requiringProjectWebhook: 3,
      webhooks: { present: 99, created: 3, missing: 0 },
      estimatedEnd: null,
      itemsKeptUntil: keptUntil,
    });
  });

  it('returns the counts in the record of an ended run, even if its rows are gone', async () => {
    const { run, api, read } = await beginAndRead();
    await run.all();
    api.clock.advance(40 * DAY_MS);
    const before = await read();
    const executionsTable = await newTable();
    const records = await allRows(run.dependencies.executionsTable);
    await putRows(
      executionsTable,
      records.filter(({ sk }) => String(sk).startsWith('EXECUTION#')),
    );
    const { body } = await openExecutionsApi(executionsTable, stepFunctions).get(1);
    expect(body).toEqual(before);
  });

  it('says until when requests to GitHub wait, and estimates no earlier end', async () => {
    const { run, api, read } = await beginAndRead();
    await run.list();
    const now = run.clock.now();
    const waits = sharedWaits(run.dependencies.executionsTable);
    const at = (minutes: number) => new Date(now.getTime() + minutes * MINUTE_MS);
    await waits.extend('restQuota', { until: at(30), count: 1 }, now);
    await waits.extend('outage', { until: at(5), count: 1 }, now);
    const [outage, quota] = [
      { waitsFor: 'an outage of GitHub', until: at(5).toISOString() },
      { waitsFor: 'the hourly quota of GitHub for REST requests', until: at(30).toISOString() },
    ];
    await recordForecast(run.dependencies, ID, {
      webhookShare: 1,
      webhookChecks: 12,
      requests: { reads: 13, queries: 1 },
      seconds: 600,
    });
    expect(await read()).toMatchObject({ waits: [outage, quota], estimatedEnd: quota.until });
    api.clock.set(at(5));
    expect(await read()).toMatchObject({ waits: [quota] });
    api.clock.set(at(30));
    expect(await read()).toMatchObject({ waits: [], estimatedEnd: null });
    await run.all();
    await waits.extend('outage', { until: at(90), count: 1 }, at(31));
    expect(await read()).toMatchObject({ status: 'COMPLETED', waits: [] });
  });

  it.each([
    ['STARTED', '2026-11-23T09:10:00.000Z'],
    ['STOPPING', null],
  ])('estimates the end of a run that is %s as %s', async (status, estimatedEnd) => {
    const executionsTable = await newTable();
    await putRows(executionsTable, [
      recordOf(1, {
        status,
        startTime: '2026-11-23T09:00:00.000Z',
        forecast: { webhookShare: 1, webhookChecks: 9, requests: { reads: 9, queries: 1 }, seconds: 600 },
      }),
      { ...KEYS.listing(ID), announced: 9, found: 9, complete: true, total: 9, batches: [] },
    ]);
    expect((await openExecutionsApi(executionsTable, stepFunctions).get(1)).body).toMatchObject({
      status,
      estimatedEnd,
    });
  });

  it('counts the webhook of an organization instead of those of the repositories', async () => {
    const { run, read } = await beginAndRead();
    await run.list();
    await recordSharedWebhook(run.dependencies, ID, {
      scope: 'organization',
      found: 'missing',
      left: 'created',
    });
    expect(await read()).toMatchObject({ webhooks: { created: 1 }, requiringProjectWebhook: 1 });
  });

  it('counts an id that the listing missed, but not an item that was removed', async () => {
    const executionsTable = await newTable();
    const outcomes = (counts: object) => ({ ...NO_OUTCOMES, ...counts });
    const progress = (batch: number, counts: object) => ({
      ...KEYS.progress(ID, batch),
      batch,
      outcomes: outcomes(counts),
    });
    const listed = { batch: 0, count: 3, firstItemBankId: 1, lastItemBankId: 3 };
    await putRows(executionsTable, [
      recordOf(1, { status: 'FAILED', exitCode: 'FAILED', exitMessage: 'Error: no' }),
      { ...KEYS.listing(ID), announced: 3, found: 3, complete: true, total: 3, batches: [listed] },
      progress(0, { unchanged: 2, deferred: 1 }),
      progress(1, { removed: 5, updated: 1, failed: 1 }),
    ]);
    expect((await openExecutionsApi(executionsTable, stepFunctions).get(1)).body).toMatchObject({
      total: 5,
      done: 5,
      outcomes: outcomes({ unchanged: 2, deferred: 1, removed: 5, updated: 1, failed: 1 }),
    });
  });
});

describe('a run of 100,000 ids', () => {
  const BATCHES = 1_000;
  const IDS = 100;

  /** As far as its rows show: half of the ids of each batch are done. */
  async function largeRun() {
    const executionsTable = await newTable();
    const batches = Array.from({ length: BATCHES }, (_, batch) => ({
      batch,
      count: IDS,
      firstItemBankId: 100_000_000 + batch * IDS,
      lastItemBankId: 100_000_000 + batch * IDS + IDS - 1,
    }));
    const common = { announced: 100_000, found: 100_000, complete: true, total: 100_000 };
    await putRows(executionsTable, [
      recordOf(1, { status: 'STARTED', startTime: '2026-11-23T09:00:00.000Z' }),
      { ...KEYS.listing(ID), ...common, batches },
      ...batches.map(({ batch, firstItemBankId }) => ({
        ...KEYS.progress(ID, batch),
        batch,
        outcomes: { ...NO_OUTCOMES, created: 50 },
        webhooks: { present: 50 },
        requests: { reads: 50, writes: 0, queries: 3, queryMs: 900, refused: 0 },
        remaining: Array.from({ length: 50 }, (_, index) => firstItemBankId + 50 + index),
        recordedBy: '00000000-0000-0000-0000-000000000000',
      })),
    ]);
    return executionsTable;
  }

  it('is read with one query for 1 MB of progress, and without a row of a single id', async () => {
    const executionsTable = await largeRun();
    const api = openExecutionsApi(executionsTable, stepFunctions);
    api.clock.advance(10 * MINUTE_MS);
    const sent = countRequests(executionsTable);
    expect((await api.get(1)).body).toMatchObject({
      total: 100_000,
      done: 50_000,
      webhooks: { present: 50_000 },
      requests: { reads: 50_000, queries: 3_000 },
      estimatedEnd: '2026-11-23T09:20:00.000Z',
    });
    // The record, the lock, the listing, the requests of other steps, the shared webhook, and the waits.
    expect(sent).toEqual({ GetItemCommand: 6, QueryCommand: 1 });
  });
});

describe('a run that ended without counts', () => {
  const ENDED = { status: 'STOPPED', exitCode: 'STOPPED', exitMessage: 'stopped' };

  async function stoppedRun() {
    const { run, api } = await beginAndRead();
    await run.list();
    await run.batch(0);
    const executionsTable = await newTable();
    const rows = (await allRows(run.dependencies.executionsTable)).filter(({ sk }) => sk !== 'STATE');
    await putRows(
      executionsTable,
      rows.map((row) => ('executionArn' in row ? { ...row, ...ENDED } : row)),
    );
    return { api: openExecutionsApi(executionsTable, stepFunctions), started: api };
  }

  it('has the counts of its batches', async () => {
    const { api } = await stoppedRun();
    expect((await api.get(1)).body).toMatchObject({
      ...ENDED,
      total: 12,
      done: 12,
      outcomes: { ...NO_OUTCOMES, created: 12 },
      estimatedEnd: null,
    });
  });

  it('has null instead of zeros once its rows are deleted', async () => {
    const { api } = await stoppedRun();
    api.clock.advance(30 * DAY_MS - 1);
    expect((await api.get(1)).body).toMatchObject({ done: 12 });
    api.clock.advance(1);
    expect((await api.get(1)).body).toMatchObject({
      ...ENDED,
      total: null,
      done: null,
      outcomes: null,
      webhooks: null,
      requests: null,
      itemsKeptUntil: '2026-12-23T09:00:00.000Z',
    });
  });
});

describe('a run that has ended but was never closed', () => {
  /** A run whose lock is old enough that Step Functions is asked. */
  async function unclosedRun(slot?: string) {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start(slot === undefined ? {} : { trigger: 'schedule', slot });
    const api = openExecutionsApi(job.executionsTable, stepFunctions);
    api.clock.advance(2 * MINUTE_MS);
    stepFunctions.executions.set(execution.executionArn, {
      status: 'FAILED',
      error: 'GitHubUnavailable',
      cause: 'no answer',
    });
    return { job, api, arn: execution.executionArn };
  }
  const CLOSED = { status: 'FAILED', exitCode: 'FAILED', exitMessage: 'GitHubUnavailable: no answer' };

  it('is closed once by simultaneous readers', async () => {
    const { job, api } = await unclosedRun();
    const answers = await Promise.all([api.get(1), api.get(1), api.get(1)]);
    for (const { body } of answers) expect(body).toMatchObject(CLOSED);
    expect(await job.lock()).toBeUndefined();
    expect(api.events).toMatchObject([{ type: 'SyncCompleted', detail: { jobExecutionId: 1, ...CLOSED } }]);
    expect(api.events).toHaveLength(1);
    expect(
      api.log.messages().filter((line) => line.startsWith('Item Synchronization Process complete.')),
    ).toEqual([
      'Item Synchronization Process complete.  Job execution id: 1, exit status code: FAILED, exit message: GitHubUnavailable: no answer',
    ]);
    stepFunctions.requests.length = 0;
    expect((await api.get(1)).body).toMatchObject({ ...CLOSED, endTime: '2026-11-23T09:02:00.000Z' });
    expect(stepFunctions.requests).toEqual([]);
  });

  it('is also closed by the list of runs if it is the newest', async () => {
    const { job, api } = await unclosedRun();
    expect((await api.find()).body.executions).toMatchObject([{ jobExecutionId: 1, ...CLOSED }]);
    expect(await job.lock()).toBeUndefined();
    expect(api.events).toHaveLength(1);
    stepFunctions.requests.length = 0;
    await api.find();
    expect(stepFunctions.requests).toEqual([]);
  });

  it('is not listed as running by a filter that it no longer matches', async () => {
    const { api } = await unclosedRun();
    expect((await api.find({ status: 'STARTING' })).body.executions).toEqual([]);
  });

  it('is left to further deliveries of its scheduled minute, which may still start it', async () => {
    const { job, api } = await unclosedRun('2026-11-23T09:00');
    expect((await api.get(1)).body).toMatchObject({ status: 'STARTING', exitCode: null });
    expect(await job.lock()).toMatchObject({ jobExecutionId: 1 });
    api.clock.advance(8 * MINUTE_MS);
    expect((await api.get(1)).body).toMatchObject(CLOSED);
  });

  it('is left alone while it is running', async () => {
    const { job, api, arn } = await unclosedRun();
    stepFunctions.executions.set(arn, { status: 'RUNNING' });
    expect((await api.get(1)).body).toMatchObject({ status: 'STARTING', exitCode: null });
    expect(await job.lock()).toMatchObject({ jobExecutionId: 1 });
    expect(api.events).toEqual([]);
  });

  it('is returned as recorded while Step Functions does not answer', async () => {
    const { job, api } = await unclosedRun();
    stepFunctions.misbehave({ status: 400, error: 'ThrottlingException' }, 'DescribeExecution');
    const { status, body } = await api.get(1);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'STARTING' });
    expect(await job.lock()).toMatchObject({ jobExecutionId: 1 });
    expect(api.log.lines).toMatchObject([
      { level: 'WARN', message: 'could not ask Step Functions whether job execution 1 is running' },
    ]);
    expect((await api.get(1)).body).toMatchObject(CLOSED);
  });

  it('is not closed while a later run holds the lock', async () => {
    const { job, api } = await unclosedRun();
    job.clock.advance(2 * MINUTE_MS);
    await job.start();
    stepFunctions.requests.length = 0;
    expect((await api.get(1)).body).toMatchObject(CLOSED);
    expect(stepFunctions.requests).toEqual([]);
    expect(await job.lock()).toMatchObject({ jobExecutionId: 2 });
  });
});
