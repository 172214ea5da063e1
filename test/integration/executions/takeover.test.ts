import { describe, expect, it } from 'vitest';
import { registerExecution } from '../../../functions/executions/register.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { createJob, executionArn, type Job } from '../../support/executions.ts';
import { useStepFunctions } from '../../support/step-functions.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

/** A run that holds the lock in STARTING. The requests of its start are not recorded. */
async function createRunningJob(): Promise<{ job: Job; arn: string }> {
  const job = createJob(await newTable(), stepFunctions);
  const { execution } = await job.start();
  stepFunctions.requests.length = 0;
  return { job, arn: execution.executionArn };
}

describe('a lock in STARTING', () => {
  it('is not checked in Step Functions while it is younger than two minutes', async () => {
    const { job, arn } = await createRunningJob();
    stepFunctions.executions.delete(arn);
    job.clock.advance(2 * MINUTE_MS - 1);
    await expect(job.start()).rejects.toMatchObject({ details: { jobExecutionId: 1 } });
    expect(stepFunctions.requests).toEqual([]);
  });

  it('is checked in Step Functions once it is two minutes old', async () => {
    const { job, arn } = await createRunningJob();
    job.clock.advance(2 * MINUTE_MS);
    await expect(job.start()).rejects.toMatchObject({ name: 'JobExecutionAlreadyRunning' });
    expect(stepFunctions.requests).toEqual([`DescribeExecution ${arn}`]);
  });

  it('stays if Step Functions does not answer', async () => {
    const { job } = await createRunningJob();
    job.clock.advance(2 * MINUTE_MS);
    const before = await allRows(job.executionsTable);
    const failure = new Error('Step Functions is away');
    const registering = registerExecution(
      { executionsTable: job.executionsTable, now: job.now, findEnding: () => Promise.reject(failure) },
      { trigger: 'api', startedBy: 'bob', options: { dryRun: false }, executionArn: () => 'arn' },
    );
    await expect(registering).rejects.toBe(failure);
    expect(await allRows(job.executionsTable)).toEqual(before);
  });
});

describe('the lock of an execution that is no longer running', () => {
  it.each([
    [
      'FAILED',
      { status: 'FAILED', error: 'GitHubUnavailable', cause: 'no answer' },
      { status: 'FAILED', exitCode: 'FAILED', exitMessage: 'GitHubUnavailable: no answer' },
    ],
    [
      'TIMED_OUT',
      { status: 'TIMED_OUT' },
      { status: 'FAILED', exitCode: 'FAILED', exitMessage: 'TIMED_OUT: Step Functions gives no cause' },
    ],
    [
      'ABORTED',
      { status: 'ABORTED', error: 'stopped', cause: 'by an operator' },
      { status: 'STOPPED', exitCode: 'STOPPED', exitMessage: 'stopped: by an operator' },
    ],
    [
      'SUCCEEDED without releasing the lock',
      { status: 'SUCCEEDED' },
      { status: 'FAILED', exitCode: 'FAILED', exitMessage: 'SUCCEEDED: Step Functions gives no cause' },
    ],
    [
      'unknown to Step Functions',
      undefined,
      {
        status: 'FAILED',
        exitCode: 'FAILED',
        exitMessage: 'ExecutionDoesNotExist: Step Functions does not know the execution',
      },
    ],
  ] as const)('is taken over, and the record is ended: %s', async (_, known, closed) => {
    const { job, arn } = await createRunningJob();
    if (known) stepFunctions.executions.set(arn, known);
    else stepFunctions.executions.delete(arn);
    job.clock.advance(2 * MINUTE_MS);

    const start = await job.start();
    expect(start).toMatchObject({
      kind: 'started',
      execution: { jobExecutionId: 2 },
      tookOver: { jobExecutionId: 1, executionArn: arn },
    });
    expect(await job.record(1)).toMatchObject({ ...closed, endTime: '2026-11-23T09:02:00.000Z' });
    expect(await job.lock()).toMatchObject({ jobExecutionId: 2, status: 'STARTING' });
  });

  it('is taken over by one of two callers at the same time', async () => {
    const { job, arn } = await createRunningJob();
    stepFunctions.executions.set(arn, { status: 'FAILED' });
    job.clock.advance(2 * MINUTE_MS);
    const starts = await Promise.allSettled([job.start(), job.start()]);

    expect(starts.filter(({ status }) => status === 'fulfilled')).toMatchObject([
      { value: { execution: { jobExecutionId: 2 }, tookOver: { jobExecutionId: 1 } } },
    ]);
    expect(starts.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { name: 'JobExecutionAlreadyRunning', details: { jobExecutionId: 2 } } },
    ]);
    expect(await job.record(3)).toBeUndefined();
  });

  it('is not taken over if another caller took it after it was read', async () => {
    const { job, arn } = await createRunningJob();
    stepFunctions.executions.set(arn, { status: 'FAILED' });
    job.clock.advance(2 * MINUTE_MS);
    let interfered = false;
    const findEnding: Job['findEnding'] = async (lock) => {
      const ending = await job.findEnding(lock);
      if (!interfered) {
        interfered = true;
        await job.start({ startedBy: 'the faster caller' });
      }
      return ending;
    };
    const registering = registerExecution(
      { executionsTable: job.executionsTable, now: job.now, findEnding },
      {
        trigger: 'api',
        startedBy: 'the slower caller',
        options: { dryRun: false },
        executionArn: () => executionArn('slower'),
      },
    );
    await expect(registering).rejects.toMatchObject({ details: { jobExecutionId: 2 } });
    expect(await job.record(2)).toMatchObject({ startedBy: 'the faster caller', status: 'STARTING' });
  });

  it('is not taken over from an execution that waits to be redriven', async () => {
    const { job, arn } = await createRunningJob();
    stepFunctions.executions.set(arn, { status: 'PENDING_REDRIVE' });
    job.clock.advance(60 * MINUTE_MS);
    await expect(job.start()).rejects.toMatchObject({ name: 'JobExecutionAlreadyRunning' });
  });
});
