import { describe, expect, it } from 'vitest';
import { failedWith } from '../../../functions/executions/job-execution.ts';
import { assertHoldsLock, finishExecution } from '../../../functions/executions/lock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { createJob, executionArn } from '../../support/executions.ts';
import { useStepFunctions } from '../../support/step-functions.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();
const ENDING = failedWith('GitHubUnavailable', 'no answer');

describe('an execution that finishes', () => {
  it('ends its record and releases the lock', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    job.clock.advance(5_000);
    const finished = await finishExecution(job, execution.executionArn, ENDING);

    expect(finished).toMatchObject({
      ...execution,
      ...ENDING,
      lastUpdated: '2026-11-23T09:00:05.000Z',
      endTime: '2026-11-23T09:00:05.000Z',
    });
    expect(await job.record(1)).toEqual(finished);
    expect(await job.lock()).toBeUndefined();
  });

  it('changes nothing the second time', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    await finishExecution(job, execution.executionArn, ENDING);
    const rows = await allRows(job.executionsTable);
    job.clock.advance(5_000);

    const again = await finishExecution(job, execution.executionArn, failedWith('Another', 'error'));
    expect(again).toBeUndefined();
    expect(await allRows(job.executionsTable)).toEqual(rows);
  });

  it('leaves the lock of another execution alone', async () => {
    const job = createJob(await newTable(), stepFunctions);
    await job.start();
    const rows = await allRows(job.executionsTable);
    expect(await finishExecution(job, executionArn('another'), ENDING)).toBeUndefined();
    expect(await allRows(job.executionsTable)).toEqual(rows);
  });

  it('does so once if two invocations finish it at the same time', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    const finish = () => finishExecution(job, execution.executionArn, ENDING);
    const results = await Promise.all([finish(), finish()]);
    expect(results.filter((result) => result !== undefined)).toHaveLength(1);
  });

  it('does not reuse its id', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    await finishExecution(job, execution.executionArn, ENDING);
    expect(await job.start()).toMatchObject({ execution: { jobExecutionId: 2 } });
  });
});

describe('the fence', () => {
  it('returns to the holder of the lock its options and since when it holds the lock', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const options = { dryRun: true, removalLimitPercent: 25 };
    const { execution } = await job.start({ options });
    expect(await assertHoldsLock(job.executionsTable, execution.executionArn)).toEqual({
      options,
      since: execution.createTime,
      lastFullRun: undefined,
    });
  });

  it('rejects any other execution and names the holder', async () => {
    const job = createJob(await newTable(), stepFunctions);
    await job.start();
    await expect(assertHoldsLock(job.executionsTable, 'another')).rejects.toMatchObject({
      name: 'ExecutionSuperseded',
      retry: 'never',
      message: 'another does not hold the lock: job execution 1 holds it',
    });
  });

  it('rejects every execution while nobody holds the lock', async () => {
    const { executionsTable } = createJob(await newTable(), stepFunctions);
    await expect(assertHoldsLock(executionsTable, 'any')).rejects.toMatchObject({
      name: 'ExecutionSuperseded',
      message: 'any does not hold the lock: nobody holds it',
    });
  });
});
