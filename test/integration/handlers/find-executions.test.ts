import { describe, expect, it } from 'vitest';
import { KEYS } from '../../../functions/executions/keys.ts';
import { putRows, type Row } from '../../../functions/shared/dynamodb.ts';
import { countRequests, useDynamoDb } from '../../support/dynamodb.ts';
import { executionArn } from '../../support/executions.ts';
import { recordOf } from '../../support/records.ts';
import { useStepFunctions } from '../../support/step-functions.ts';
import { type ExecutionsApi, openExecutionsApi } from './executions-support.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

/** The API in front of a table with these records, and with the other rows of their partition. */
async function apiWith(records: Row[], overrides: Parameters<typeof openExecutionsApi>[2] = {}) {
  const executionsTable = await newTable();
  await putRows(executionsTable, [
    ...records,
    { ...KEYS.state(), lastJobExecutionId: records.length },
    { ...KEYS.scheduled('2026-11-23T09:00'), jobExecutionId: 1 },
    { ...KEYS.bankMemory(), pages: 1 },
  ]);
  return openExecutionsApi(executionsTable, stepFunctions, overrides);
}

async function idsOf(api: ExecutionsApi, query?: Record<string, string>): Promise<number[]> {
  const { status, body } = await api.find(query);
  expect(status).toBe(200);
  return body.executions.map(({ jobExecutionId }) => jobExecutionId);
}

const HISTORY = [
  recordOf(1, {
    createTime: '2026-11-21T23:59:59.999Z',
    status: 'COMPLETED',
    exitCode: 'COMPLETED',
    trigger: 'schedule',
  }),
  recordOf(2, {
    createTime: '2026-11-22T00:00:00.000Z',
    status: 'FAILED',
    exitCode: 'FAILED',
    trigger: 'console',
  }),
  recordOf(3, {
    createTime: '2026-11-22T23:59:59.999Z',
    status: 'COMPLETED',
    exitCode: 'COMPLETED_WITH_FAILURES',
    trigger: 'schedule',
  }),
  recordOf(4, { createTime: '2026-11-23T08:00:00.000Z', status: 'STARTED' }),
];

describe('GET /executions', () => {
  it('is empty before the first run', async () => {
    const { status, body } = await openExecutionsApi(await newTable(), stepFunctions).find();
    expect({ status, body }).toEqual({ status: 200, body: { executions: [] } });
  });

  it('returns a run with everything that its record says', async () => {
    const counts = { total: 9, created: 1, updated: 2, unchanged: 3, removed: 1, deferred: 1, failed: 2 };
    const api = await apiWith([
      recordOf(1, {
        status: 'COMPLETED',
        exitCode: 'COMPLETED_WITH_FAILURES',
        exitMessage: 'Total item bank ids: 9',
        trigger: 'schedule',
        startedBy: 'the rule',
        options: { dryRun: false, removalLimitPercent: 60, restartOf: 7 },
        restartedBy: 8,
        stoppedBy: 'bob',
        startTime: '2026-11-23T09:00:01.000Z',
        endTime: '2026-11-23T09:02:13.400Z',
        counts,
      }),
    ]);
    const { total, ...outcomes } = counts;
    const arn = executionArn('sync-1-token');
    expect((await api.find()).body.executions).toEqual([
      {
        jobExecutionId: 1,
        name: 'itemSynchronizationJob',
        status: 'COMPLETED',
        exitCode: 'COMPLETED_WITH_FAILURES',
        exitMessage: 'Total item bank ids: 9',
        trigger: 'schedule',
        startedBy: 'the rule',
        dryRun: false,
        removalLimitPercent: 60,
        createTime: '2026-11-23T09:00:00.000Z',
        startTime: '2026-11-23T09:00:01.000Z',
        endTime: '2026-11-23T09:02:13.400Z',
        durationSeconds: 132,
        total,
        // This record is of a release that derived nothing.
        outcomes: { ...outcomes, derived: 0 },
        restartOf: 7,
        restartedBy: 8,
        stoppedBy: 'bob',
        executionArn: arn,
        consoleUrl: `https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/${arn}`,
      },
    ]);
  });

  it('has null for unknown values, and the duration until now', async () => {
    const api = await apiWith([
      recordOf(1, { status: 'FAILED', exitCode: 'FAILED' }),
      recordOf(2, { status: 'STARTED', startTime: '2026-11-23T08:59:00.000Z' }),
    ]);
    const nothing = { total: null, outcomes: null, restartOf: null, stoppedBy: null, exitMessage: null };
    expect((await api.find()).body.executions).toMatchObject([
      { jobExecutionId: 2, ...nothing, exitCode: null, endTime: null, durationSeconds: 60 },
      { jobExecutionId: 1, ...nothing, startTime: null, durationSeconds: null },
    ]);
  });

  it.each<[query: Record<string, string>, ids: number[]]>([
    [{}, [4, 3, 2, 1]],
    [{ status: 'COMPLETED' }, [3, 1]],
    [{ status: 'ABANDONED' }, []],
    [{ trigger: 'schedule' }, [3, 1]],
    [{ exitCode: 'COMPLETED_WITH_FAILURES' }, [3]],
    [{ day: '2026-11-22' }, [3, 2]],
    [{ day: '2026-11-20' }, []],
    [{ day: '2026-11-24' }, []],
    [{ day: '2026-11-22', trigger: 'schedule' }, [3]],
  ])('answers %j with the runs %j, the newest first', async (query, ids) => {
    expect(await idsOf(await apiWith(HISTORY), query)).toEqual(ids);
  });

  it.each<[query: Record<string, string>, detail: string]>([
    [{ state: 'FAILED' }, 'unknown parameter state'],
    [
      { status: 'failed', to: '1' },
      'unknown parameter to; status must be one of STARTING, STARTED, STOPPING, STOPPED, COMPLETED, FAILED, ABANDONED',
    ],
    [
      { status: '' },
      'status must be one of STARTING, STARTED, STOPPING, STOPPED, COMPLETED, FAILED, ABANDONED',
    ],
    [{ trigger: 'cron' }, 'trigger must be one of api, schedule, console'],
    [
      { exitCode: '0' },
      'exitCode must be one of COMPLETED, COMPLETED_WITH_FAILURES, INCOMPLETE_LISTING, STOPPED, FAILED, ABANDONED',
    ],
    [{ day: 'today' }, 'day must be a date such as 2026-11-23'],
    [{ day: '2026-02-29' }, 'day must be a date such as 2026-11-23'],
    [{ day: '2026-11-23T09:00' }, 'day must be a date such as 2026-11-23'],
    [{ limit: '0' }, 'limit must be a number from 1 to 100'],
    [{ limit: '101' }, 'limit must be a number from 1 to 100'],
    [{ cursor: 'abc' }, 'cursor is damaged or belongs to another query: take the `next` of the page before'],
  ])('names what is wrong with %j', async (query, detail) => {
    const api = openExecutionsApi(await newTable(), stepFunctions);
    expect(await api.find(query)).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID', detail } });
  });

  it('has pages of 20 by default, which together have every run once, even if one starts in between', async () => {
    const api = await apiWith(Array.from({ length: 205 }, (_, index) => recordOf(index + 1)));
    const first = await api.find();
    await putRows(api.executionsTable, [recordOf(206)]);
    const ids = first.body.executions.map(({ jobExecutionId }) => Number(jobExecutionId));
    expect(ids).toHaveLength(20);
    for (let cursor = first.body.next; cursor !== undefined; ) {
      const { body } = await api.find({ limit: '50', cursor });
      ids.push(...body.executions.map(({ jobExecutionId }) => jobExecutionId));
      cursor = body.next;
    }
    expect(ids).toEqual(Array.from({ length: 205 }, (_, index) => 205 - index));
  });

  it('has no further page if no further run matches the filter', async () => {
    const api = await apiWith(HISTORY);
    const { body } = await api.find({ day: '2026-11-22', limit: '2' });
    expect(body.executions).toHaveLength(2);
    expect(body).not.toHaveProperty('next');
  });

  it('accepts a cursor only for the filter that it belongs to', async () => {
    const api = await apiWith(HISTORY);
    const { next: cursor = '' } = (await api.find({ trigger: 'schedule', limit: '1' })).body;
    expect(await idsOf(api, { trigger: 'schedule', cursor })).toEqual([1]);
    expect(await api.find({ trigger: 'api', cursor })).toMatchObject({ status: 400 });
    expect(await api.find({ cursor })).toMatchObject({ status: 400 });
  });

  it('reads no records of earlier days', async () => {
    const old = Array.from({ length: 300 }, (_, index) =>
      recordOf(index + 1, { createTime: '2026-11-21T09:00:00.000Z' }),
    );
    const api = await apiWith([...old, recordOf(301, { createTime: '2026-11-22T09:00:00.000Z' })]);
    const sent = countRequests(api.executionsTable);
    expect(await idsOf(api, { day: '2026-11-22' })).toEqual([301]);
    // The lock, because the newest run has not ended.
    expect(sent).toEqual({ QueryCommand: 1, GetItemCommand: 1 });
  });

  it('ends a page when little time is left, and continues with the next one', async () => {
    const api = await apiWith(HISTORY, { remainingTimeMs: () => 4_999 });
    const ids: number[] = [];
    let pages = 0;
    let cursor: string | undefined;
    do {
      const { body } = await api.find({ trigger: 'schedule', ...(cursor !== undefined && { cursor }) });
      ids.push(...body.executions.map(({ jobExecutionId }) => jobExecutionId));
      cursor = body.next;
      pages += 1;
    } while (cursor !== undefined);
    expect(ids).toEqual([3, 1]);
    expect(pages).toBe(5);
  });

  it.each([
    [
      'of a later release',
      { schemaVersion: 99 },
      'could not read a row of this answer: RowTooNew: a row has version 99',
    ],
    [
      'that somebody changed',
      { status: 'DONE' },
      'could not read a row of this answer: RowInvalid: the record of job execution 2 cannot be read',
    ],
  ])('names a run with a record %s, and returns the others', async (_, attributes, line) => {
    const api = await apiWith([recordOf(1), { ...recordOf(2), ...attributes }, recordOf(3)]);
    expect((await api.find({ limit: '2' })).body).toMatchObject({
      executions: [{ jobExecutionId: 3 }],
      unreadable: [2],
      next: expect.any(String),
    });
    expect(api.log.lines).toMatchObject([{ level: 'WARN', message: expect.stringContaining(line) }]);
    expect(await idsOf(api)).toEqual([3, 1]);
  });
});
