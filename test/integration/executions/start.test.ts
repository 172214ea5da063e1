import { describe, expect, it } from 'vitest';
import { failedWith } from '../../../functions/executions/job-execution.ts';
import { finishExecution, readState } from '../../../functions/executions/lock.ts';
import { startExecution } from '../../../functions/executions/start.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { createJob } from '../../support/executions.ts';
import { STATE_MACHINE_ARN, useStepFunctions } from '../../support/step-functions.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();
const SLOT = { trigger: 'schedule', startedBy: 'the rule', slot: '2026-11-23T09:00' } as const;

describe('a start', () => {
  it('starts the state machine with the name in the record and the id as input', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    expect(stepFunctions.requests).toEqual(['StartExecution sync-1-token1']);
    expect([...stepFunctions.executions]).toEqual([
      [execution.executionArn, { status: 'RUNNING', input: '{"jobExecutionId":1}' }],
    ]);
  });

  it.each([
    ['a run with the requested options', false, { dryRun: false, removalLimitPercent: 50 }, false],
    ['a dry run if its caller requests one', false, { dryRun: true }, true],
    ['a dry run if every run is one', true, { dryRun: false, removalLimitPercent: 50 }, true],
  ])('starts %s', async (_, dryRunOnly, options, dryRun) => {
    const { executionsTable, now } = createJob(await newTable(), stepFunctions);
    const { client } = stepFunctions;
    const { execution } = await startExecution(
      {
        executionsTable,
        stepFunctions: client,
        stateMachineArn: STATE_MACHINE_ARN,
        now,
        newToken: () => 'token',
        dryRunOnly,
        reportEnd: async () => {},
      },
      { trigger: 'api', startedBy: 'alice', options },
    );
    expect(execution.options).toEqual({ ...options, dryRun });
    expect((await readState(executionsTable)).active).toMatchObject({ options: execution.options });
  });

  it('fails and releases the lock if Step Functions refuses it', async () => {
    const job = createJob(await newTable(), stepFunctions);
    stepFunctions.misbehave({ status: 400, error: 'StateMachineDoesNotExist' });
    await expect(job.start()).rejects.toMatchObject({
      name: 'ExecutionNotStarted',
      code: 'EXECUTION_NOT_STARTED',
      details: { jobExecutionId: 1 },
      cause: { name: 'StateMachineDoesNotExist' },
    });
    expect(await job.lock()).toBeUndefined();
    expect(await job.record(1)).toMatchObject({
      status: 'FAILED',
      exitCode: 'FAILED',
      exitMessage: 'ExecutionNotStarted: StateMachineDoesNotExist: a StateMachineDoesNotExist',
    });
    expect(await job.start()).toMatchObject({ kind: 'started', execution: { jobExecutionId: 2 } });
  });

  it('releases the slot too, so that its next delivery tries again', async () => {
    const job = createJob(await newTable(), stepFunctions);
    stepFunctions.misbehave({ status: 400, error: 'StateMachineDoesNotExist' });
    await expect(job.start(SLOT)).rejects.toMatchObject({ name: 'ExecutionNotStarted' });
    expect(await job.start(SLOT)).toMatchObject({ kind: 'started', execution: { jobExecutionId: 2 } });
  });

  it.each([
    ['no answer, and it did not start', { unanswered: true, done: false }],
    ['no answer, and it started', { unanswered: true, done: true }],
    ['an error of the service', { status: 500, error: 'InternalServerError' }],
  ] as const)('keeps the lock if it is unknown whether the execution started: %s', async (_, how) => {
    const job = createJob(await newTable(), stepFunctions);
    stepFunctions.misbehave(how);
    await expect(job.start()).rejects.toMatchObject({ name: 'ExecutionNotStarted' });
    expect(await job.lock()).toMatchObject({ jobExecutionId: 1, status: 'STARTING' });
    expect(await job.record(1)).toMatchObject({ status: 'STARTING' });
  });

  it('succeeds if Step Functions already knows the execution', async () => {
    const job = createJob(await newTable(), stepFunctions);
    stepFunctions.misbehave({ status: 400, error: 'ExecutionAlreadyExists' });
    expect(await job.start()).toMatchObject({ kind: 'started', execution: { jobExecutionId: 1 } });
    expect(await job.lock()).toMatchObject({ jobExecutionId: 1 });
  });
});

describe('a restart', () => {
  it('releases the lock if Step Functions refuses it to two callers', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    await finishExecution(job, execution.executionArn, failedWith('Why', 'because'));
    const options = { dryRun: false, restartOf: execution.jobExecutionId };
    const refusal = { status: 400, error: 'StateMachineDoesNotExist' } as const;
    stepFunctions.misbehave(refusal);
    stepFunctions.misbehave(refusal);
    const { middlewareStack } = stepFunctions.client;
    const callAgain = 'callAgain';
    middlewareStack.add(
      (next) => async (request) => {
        if (middlewareStack.remove(callAgain)) {
          await expect(job.start({ options })).rejects.toMatchObject({ name: 'ExecutionNotStarted' });
        }
        return next(request);
      },
      { name: callAgain },
    );
    await expect(job.start({ options })).rejects.toMatchObject({ name: 'ExecutionNotStarted' });
    expect(await job.lock()).toBeUndefined();
    expect(await job.record(1)).not.toHaveProperty('restartedBy');
    expect(await job.record(2)).toMatchObject({ status: 'FAILED' });
  });
});

describe('a scheduled minute', () => {
  it('starts one run, which its second delivery gets while it is running', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const first = await job.start(SLOT);
    const second = await job.start(SLOT);
    expect(second).toMatchObject({ kind: 'started-before', execution: first.execution });
    expect(await job.record(2)).toBeUndefined();
    expect(stepFunctions.executions.size).toBe(1);
  });

  it('starts no second run if it is delivered again after the first one ended', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start(SLOT);
    stepFunctions.executions.set(execution.executionArn, { status: 'FAILED' });
    job.clock.advance(10 * MINUTE_MS);
    expect(await job.start(SLOT)).toMatchObject({
      kind: 'started-before',
      execution: { jobExecutionId: 1 },
    });
    expect(await job.record(2)).toBeUndefined();
  });

  it('starts one run if two deliveries come at the same time', async () => {
    for (let round = 1; round <= 10; round += 1) {
      const job = createJob(await newTable(), stepFunctions);
      const starts = await Promise.all([job.start(SLOT), job.start(SLOT)]);
      expect(starts.map(({ kind }) => kind).sort()).toEqual(['started', 'started-before']);
      expect(starts.map(({ execution }) => execution.jobExecutionId)).toEqual([1, 1]);
    }
  });

  it.each([MINUTE_MS, 3 * MINUTE_MS])(
    'is started by its second delivery, %i ms later, if the first one died before StartExecution',
    async (ms) => {
      const job = createJob(await newTable(), stepFunctions);
      stepFunctions.misbehave({ unanswered: true, done: false });
      await expect(job.start(SLOT)).rejects.toMatchObject({ name: 'ExecutionNotStarted' });
      job.clock.advance(ms);

      expect(await job.start(SLOT)).toMatchObject({
        kind: 'started-before',
        execution: { jobExecutionId: 1 },
      });
      expect([...stepFunctions.executions.values()]).toMatchObject([{ status: 'RUNNING' }]);
      expect(await job.record(2)).toBeUndefined();
    },
  );

  it('starts nothing during another run, and can be delivered again after it', async () => {
    const job = createJob(await newTable(), stepFunctions);
    const { execution } = await job.start();
    await expect(job.start(SLOT)).rejects.toMatchObject({ details: { jobExecutionId: 1 } });
    stepFunctions.executions.set(execution.executionArn, { status: 'FAILED' });
    job.clock.advance(2 * MINUTE_MS);
    expect(await job.start(SLOT)).toMatchObject({ kind: 'started', execution: { jobExecutionId: 2 } });
  });
});
