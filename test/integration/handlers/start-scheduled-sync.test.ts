import { describe, expect, it } from 'vitest';
import { startScheduledSync } from '../../../functions/handlers/start-scheduled-sync.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { createJob } from '../../support/executions.ts';
import { createLog } from '../../support/log.ts';
import { recordReports } from '../../support/reports.ts';
import { STATE_MACHINE_ARN, useStepFunctions } from '../../support/step-functions.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();
const RULE = 'arn:aws:events:us-east-1:000000000000:rule/item-sync-test-schedule';
const DELIVERY = { time: '2026-11-23T09:00:00Z', resources: [RULE] };

async function createSchedule({ dryRunOnly = false } = {}) {
  const job = createJob(await newTable(), stepFunctions);
  const log = createLog();
  const { reporting, notified } = recordReports();
  const dependencies = {
    executionsTable: job.executionsTable,
    now: job.now,
    log,
    remainingTimeMs: () => MINUTE_MS,
    stepFunctions: stepFunctions.client,
    stateMachineArn: STATE_MACHINE_ARN,
    newToken: () => 'token',
    dryRunOnly,
    ...reporting,
  };
  return { job, log, notified, deliver: (delivery = DELIVERY) => startScheduledSync(dependencies, delivery) };
}

describe('a scheduled start', () => {
  it('starts a run on behalf of its rule', async () => {
    const { job, log, deliver } = await createSchedule();
    await deliver();
    expect(await job.record(1)).toMatchObject({ trigger: 'schedule', startedBy: RULE });
    expect(log.messages()).toEqual(['started by the schedule of 2026-11-23T09:00']);
  });

  it('starts one run when it is delivered twice and does not count as skipped', async () => {
    const { job, log, deliver } = await createSchedule();
    await deliver();
    await deliver();
    expect(await job.record(2)).toBeUndefined();
    expect(log.lines.at(-1)).toEqual({
      level: 'INFO',
      message: 'the schedule of 2026-11-23T09:00 was delivered again; its run was already started',
      attributes: {},
    });
  });

  it('is skipped with a counted warning while another run is active', async () => {
    const { job, log, deliver } = await createSchedule();
    await job.start();
    await expect(deliver()).resolves.toBeUndefined();
    expect(await job.record(2)).toBeUndefined();
    expect(log.lines).toEqual([
      {
        level: 'WARN',
        message: 'scheduled start of 2026-11-23T09:00 skipped: job execution 1 is running',
        attributes: { event: 'schedule-skipped' },
      },
    ]);
  });

  it('stops a dry run, which then is recorded as stopped', async () => {
    const { job, log, deliver } = await createSchedule();
    const { execution } = await job.start({ options: { dryRun: true } });
    await deliver();
    expect(stepFunctions.executions.get(execution.executionArn)).toMatchObject({ status: 'ABORTED' });
    expect(await job.record(1)).toMatchObject({
      status: 'STOPPED',
      exitMessage: 'ScheduledRun: the scheduled run had to start',
    });
    expect(await job.record(2)).toMatchObject({ trigger: 'schedule', options: { dryRun: false } });
    expect(log.messages()).toEqual([
      'took over the lock of job execution 1, whose execution is no longer running',
      'started by the schedule of 2026-11-23T09:00',
    ]);
  });

  it('fails and is delivered again if a dry run is just being started', async () => {
    const { job, deliver } = await createSchedule();
    await job.start({ options: { dryRun: true } });
    stepFunctions.executions.clear();
    await expect(deliver()).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
    expect(await job.record(2)).toBeUndefined();
  });

  it('is skipped on a stage whose runs are all dry runs', async () => {
    const { job, log, deliver } = await createSchedule({ dryRunOnly: true });
    await job.start({ options: { dryRun: true } });
    await deliver();
    expect(await job.record(2)).toBeUndefined();
    expect(log.messages()).toEqual([
      'scheduled start of 2026-11-23T09:00 skipped: job execution 1 is running',
    ]);
  });

  it('takes over the lock of a dead run and logs it', async () => {
    const { job, log, deliver } = await createSchedule();
    const { execution } = await job.start();
    stepFunctions.executions.set(execution.executionArn, { status: 'FAILED' });
    job.clock.advance(2 * MINUTE_MS);
    await deliver();
    expect(await job.record(2)).toMatchObject({ trigger: 'schedule' });
    expect(log.messages()).toEqual([
      'took over the lock of job execution 1, whose execution is no longer running',
      'started by the schedule of 2026-11-23T09:00',
    ]);
  });

  it('fails when Step Functions refuses the start, so that an alarm fires', async () => {
    const { deliver } = await createSchedule();
    stepFunctions.misbehave({ status: 400, error: 'StateMachineDoesNotExist' });
    await expect(deliver()).rejects.toMatchObject({ name: 'ExecutionNotStarted' });
  });

  it('that Step Functions refuses is reported, and so is the dead run whose lock it took over', async () => {
    const { job, log, notified, deliver } = await createSchedule();
    const { execution } = await job.start();
    stepFunctions.executions.set(execution.executionArn, { status: 'FAILED' });
    job.clock.advance(2 * MINUTE_MS);
    stepFunctions.misbehave({ status: 400, error: 'StateMachineDoesNotExist' });
    await expect(deliver()).rejects.toMatchObject({ name: 'ExecutionNotStarted' });
    expect(notified).toMatchObject([
      { jobExecutionId: 1, exitMessage: 'FAILED: Step Functions gives no cause' },
      { jobExecutionId: 2, exitMessage: expect.stringMatching(/^ExecutionNotStarted: /) },
    ]);
    await deliver();
    expect(await job.record(3)).toMatchObject({ status: 'STARTING' });
    expect(log.messages().at(-1)).toBe('started by the schedule of 2026-11-23T09:00');
    expect(notified).toHaveLength(2);
  });
});
