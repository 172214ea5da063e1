import { describe, expect, it } from 'vitest';
import { KEYS } from '../../../functions/executions/keys.ts';
import { jobExecutionId } from '../../../functions/shared/contract/ids.ts';
import { getRow, putRows } from '../../../functions/shared/dynamodb.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { createJob, executionArn } from '../../support/executions.ts';
import { useStepFunctions } from '../../support/step-functions.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

describe('a registered execution', () => {
  it('has the next id, a record in STARTING and the lock, both with its options', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const options = { dryRun: true, removalLimitPercent: 25 };
    const { execution } = await job.start({ trigger: 'api', startedBy: 'alice', options });

    expect(execution).toEqual({
      jobExecutionId: 1,
      status: 'STARTING',
      trigger: 'api',
      startedBy: 'alice',
      options,
      executionArn: executionArn('sync-1-token1'),
      createTime: '2026-11-23T09:00:00.000Z',
      lastUpdated: '2026-11-23T09:00:00.000Z',
    });
    expect(await job.record(1)).toMatchObject({ ...execution, name: 'itemSynchronizationJob' });
    expect(await job.lock()).toEqual({
      jobExecutionId: 1,
      executionArn: execution.executionArn,
      status: 'STARTING',
      since: '2026-11-23T09:00:00.000Z',
      options,
    });
  });

  it('has ids that count from 1 without gaps', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const ids = [];
    for (let run = 1; run <= 3; run += 1) {
      const { execution } = await job.start();
      ids.push(execution.jobExecutionId);
      stepFunctions.executions.set(execution.executionArn, { status: 'FAILED' });
      job.clock.advance(120_000);
    }
    expect(ids).toEqual([1, 2, 3]);
  });

  it('has a name that Step Functions accepts, even with an id of ten digits', async () => {
    const job = createJob(await newTable(), stepFunctions);
    await putRows(job.executionsTable, [{ ...KEYS.state(), lastJobExecutionId: 9_999_999_998 }]);
    const { execution } = await job.start();
    const name = execution.executionArn.split(':').at(-1) ?? '';
    expect(name).toMatch(/^sync-9999999999-[A-Za-z0-9]+$/);
    expect(name.length).toBeLessThanOrEqual(80);
  });
});

describe('a registration that fails', () => {
  it('writes nothing if a record with its id exists', async () => {
    const job = createJob(await newTable(), stepFunctions);
    await putRows(job.executionsTable, [{ ...KEYS.execution(jobExecutionId(1)), status: 'COMPLETED' }]);
    const before = await allRows(job.executionsTable);
    await expect(job.start()).rejects.toMatchObject({ name: 'JobExecutionAlreadyRunning' });
    expect(await allRows(job.executionsTable)).toEqual(before);
    expect(stepFunctions.requests).toEqual([]);
  });

  it('writes nothing if another execution holds the lock', async () => {
    const job = createJob(await newTable(), stepFunctions);
    await job.start();
    const before = await allRows(job.executionsTable);
    await expect(job.start({ trigger: 'schedule', slot: '2026-11-23T09:00' })).rejects.toMatchObject({
      name: 'JobExecutionAlreadyRunning',
      code: 'JOB_ALREADY_RUNNING',
      message: 'job execution 1 is running',
      details: { jobExecutionId: 1 },
    });
    expect(await allRows(job.executionsTable)).toEqual(before);
  });
});

describe('two starts at the same moment', () => {
  it.each(Array.from({ length: 25 }, (_, index) => index + 1))(
    'start one run, and the other caller gets its id (%i)',
    async () => {
      const job = createJob(await newTable(), stepFunctions);
      const starts = await Promise.allSettled([job.start({ startedBy: 'a' }), job.start({ startedBy: 'b' })]);
      const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
      const refused = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason] : []));

      expect(started).toMatchObject([{ kind: 'started', execution: { jobExecutionId: 1 } }]);
      expect(refused).toMatchObject([{ name: 'JobExecutionAlreadyRunning', details: { jobExecutionId: 1 } }]);
      expect(await job.record(2)).toBeUndefined();
      expect(stepFunctions.requests).toHaveLength(1);
    },
  );

  it('start one run even if there are eight of them', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const starts = await Promise.allSettled(Array.from({ length: 8 }, () => job.start()));
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await getRow(job.executionsTable, KEYS.state())).toMatchObject({ lastJobExecutionId: 1 });
  });
});
