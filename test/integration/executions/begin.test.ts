import { describe, expect, it } from 'vitest';
import { claimLock } from '../../../functions/executions/begin.ts';
import { failedWith } from '../../../functions/executions/job-execution.ts';
import { finishExecution } from '../../../functions/executions/lock.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { createJob, executionArn } from '../../support/executions.ts';
import { useStepFunctions } from '../../support/step-functions.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

describe('an execution that claims the lock', () => {
  it('is STARTED under the id that it was registered with', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    job.clock.advance(1_500);
    const begun = await claimLock(job, execution.executionArn);

    expect(begun).toMatchObject({
      again: false,
      execution: { jobExecutionId: 1, status: 'STARTED', startTime: '2026-11-23T09:00:01.500Z' },
    });
    expect(begun.tookOver).toBeUndefined();
    expect(await job.lock()).toMatchObject({ jobExecutionId: 1, status: 'STARTED' });
    expect(await job.record(1)).toMatchObject({ trigger: 'api', startedBy: 'alice', status: 'STARTED' });
  });

  it('keeps its id and its start time if it does so again, and writes nothing', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    const first = await claimLock(job, execution.executionArn);
    const rows = await allRows(job.executionsTable);
    job.clock.advance(MINUTE_MS);

    const second = await claimLock(job, execution.executionArn);
    expect(second).toMatchObject({ again: true, execution: first.execution });
    expect(await allRows(job.executionsTable)).toEqual(rows);
  });

  it('is registered if it was started in the console', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const arn = executionArn('2c1b-made-by-the-console');
    expect(await claimLock(job, arn)).toMatchObject({
      again: false,
      execution: { jobExecutionId: 1, status: 'STARTED', trigger: 'console', startedBy: arn },
    });
    expect(await claimLock(job, arn)).toMatchObject({ again: true, execution: { jobExecutionId: 1 } });
  });

  it('is registered as a dry run if every run is one', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const started = await claimLock(job, executionArn('wet'));
    expect(started.execution.options).toEqual({ dryRun: false });
    const dry = { ...createJob(await newTable(), stepFunctions), dryRunOnly: true };
    expect((await claimLock(dry, executionArn('dry'))).execution.options).toEqual({ dryRun: true });
    expect(await dry.lock()).toMatchObject({ options: { dryRun: true } });
  });

  it('is registered under a new id if it is a copy of an ended execution', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    stepFunctions.executions.set(execution.executionArn, { status: 'FAILED' });
    job.clock.advance(2 * MINUTE_MS);

    expect(await claimLock(job, executionArn('the-copy'))).toMatchObject({
      execution: { jobExecutionId: 2, trigger: 'console' },
      tookOver: { jobExecutionId: 1 },
    });
    expect(await job.record(1)).toMatchObject({ status: 'FAILED' });
  });

  it('is rejected if its record was ended before Step Functions started it', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    await finishExecution(job, execution.executionArn, failedWith('Abandoned', 'by alice'));
    const rows = await allRows(job.executionsTable);

    await expect(claimLock(job, execution.executionArn)).rejects.toMatchObject({
      name: 'ExecutionSuperseded',
    });
    expect(await allRows(job.executionsTable)).toEqual(rows);
  });

  it.each(['sync-1-chosen', 'sync-7-chosen', 'sync-0-chosen'])(
    'is registered although its name looks like that of a registered one: %s',
    async (name) => {
      const job = createJob(await newTable(), stepFunctions);
      const { execution } = await job.start();
      await finishExecution(job, execution.executionArn, failedWith('Abandoned', 'by alice'));
      expect(await claimLock(job, executionArn(name))).toMatchObject({
        execution: { jobExecutionId: 2, trigger: 'console' },
      });
    },
  );

  it('is rejected while another execution is running', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    await claimLock(job, execution.executionArn);
    const rows = await allRows(job.executionsTable);

    await expect(claimLock(job, executionArn('the-other'))).rejects.toMatchObject({
      name: 'JobExecutionAlreadyRunning',
      details: { jobExecutionId: 1 },
    });
    expect(await allRows(job.executionsTable)).toEqual(rows);
  });

  it('is checked in Step Functions at any age once it is STARTED', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    await claimLock(job, execution.executionArn);
    stepFunctions.executions.set(execution.executionArn, { status: 'ABORTED' });
    expect(await job.start()).toMatchObject({ execution: { jobExecutionId: 2 } });
    expect(await job.record(1)).toMatchObject({ status: 'STOPPED', exitCode: 'STOPPED' });
  });
});
