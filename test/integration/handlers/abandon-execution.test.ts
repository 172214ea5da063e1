import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { readState } from '../../../functions/executions/lock.ts';
import { closeExecution } from '../../../functions/handlers/close-execution.ts';
import { failExecution } from '../../../functions/handlers/fail-execution.ts';
import { startBank } from '../../support/bank.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type RunSetup } from '../../support/run.ts';
import { useStepFunctions } from '../../support/step-functions.ts';
import { openControl } from './control-support.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

/** A run of three items that Step Functions knows. */
async function beginKnownRun(setup: Partial<RunSetup> = {}) {
  const bank = await startBank({ repositories: 3, withoutProjectWebhook: 0 });
  const run = await beginRun({ newTable, bank, ...setup });
  stepFunctions.executions.set(run.event.executionArn, { status: 'RUNNING' });
  const { executionsTable } = run.dependencies;
  return {
    run,
    control: openControl(run, stepFunctions),
    record: () => readExecution(executionsTable, run.event.jobExecutionId),
    lock: async () => (await readState(executionsTable)).active,
  };
}

describe('PUT /executions/{jobExecutionId}/abandon', () => {
  it('ends the record, releases the lock, reports the end and stops the execution', async () => {
    const { run, control, record, lock } = await beginKnownRun();
    await run.list();
    run.clock.advance(MINUTE_MS);
    const answer = await control.abandon(1);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        jobExecutionId: 1,
        status: 'ABANDONED',
        message: 'Job execution 1 is abandoned',
        stoppedBy: 'bob',
      },
    });
    const end = { status: 'ABANDONED', exitCode: 'ABANDONED', exitMessage: 'abandoned by bob' };
    expect(await record()).toMatchObject({ ...end, endTime: '2026-11-23T09:01:00.000Z', stoppedBy: 'bob' });
    expect(await lock()).toBeUndefined();
    expect(run.events.at(-1)).toMatchObject({ type: 'SyncCompleted', detail: { jobExecutionId: 1, ...end } });
    expect(run.log.messages().slice(-2)).toEqual([
      'Item Synchronization Process complete.  Job execution id: 1, exit status code: ABANDONED, exit message: abandoned by bob',
      'Job: [name=itemSynchronizationJob] completed with the following parameters: [{}] and the following status: [ABANDONED]',
    ]);
    expect(stepFunctions.executions.get(run.event.executionArn)).toMatchObject({ status: 'ABORTED' });
  });

  it('makes the functions of the run stop, and no other end of it is recorded', async () => {
    const { run, control } = await beginKnownRun();
    await run.list();
    await control.abandon(1);
    const rows = await allRows(run.dependencies.executionsTable);
    const superseded = { name: 'ExecutionSuperseded' };
    await expect(run.batch(0)).rejects.toMatchObject(superseded);
    await expect(run.createWebhooks()).rejects.toMatchObject(superseded);
    await expect(run.complete()).rejects.toMatchObject(superseded);
    const { executionArn } = run.event;
    await failExecution(run.dependencies, {
      executionArn,
      error: { Error: 'ExecutionSuperseded', Cause: '' },
    });
    await closeExecution(run.dependencies, { detail: { executionArn, status: 'ABORTED' } });
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
    expect(run.log.messages().at(-1)).toBe('nothing to close: this execution does not hold the lock');
  });

  it('works if Step Functions does not know the execution, or does not answer', async () => {
    const unknown = await beginKnownRun();
    stepFunctions.executions.clear();
    expect(await unknown.control.abandon(1)).toMatchObject({ status: 200 });
    expect(unknown.run.log.lines.filter(({ level }) => level === 'WARN')).toEqual([]);

    const { run, control } = await beginKnownRun();
    stepFunctions.misbehave({ unanswered: true, done: false }, 'StopExecution');
    expect(await control.abandon(1)).toMatchObject({ status: 200 });
    expect(run.log.lines.find(({ level }) => level === 'WARN')?.message).toBe(
      'could not stop the abandoned execution in Step Functions',
    );
  });

  it('answers the same again, and reports the end once', async () => {
    const { run, control } = await beginKnownRun();
    const first = await control.abandon(1, 'bob');
    const rows = await allRows(run.dependencies.executionsTable);
    run.clock.advance(MINUTE_MS);
    expect(await control.abandon(1, 'carol')).toEqual(first);
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
    expect(run.events).toHaveLength(1);
  });

  it('ends once for simultaneous callers', async () => {
    const { run, control } = await beginKnownRun();
    const answers = await Promise.all(['bob', 'carol', 'dave'].map((subject) => control.abandon(1, subject)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body['stoppedBy'])).size).toBe(1);
    expect(run.events).toHaveLength(1);
  });

  it('ends a run that is being stopped, and keeps the name of the first caller', async () => {
    const { control, record } = await beginKnownRun();
    await control.stop(1, 'bob');
    expect((await control.abandon(1, 'carol')).body).toMatchObject({ status: 'ABANDONED', stoppedBy: 'bob' });
    expect(await record()).toMatchObject({ exitMessage: 'abandoned by carol', stoppedBy: 'bob' });
    expect(await control.stop(1)).toMatchObject({ status: 409, body: { exitCode: 'ABANDONED' } });
  });

  it('publishes no event about a dry run', async () => {
    const { run, control } = await beginKnownRun({ options: { dryRun: true } });
    expect(await control.abandon(1)).toMatchObject({ status: 200 });
    expect(run.events).toEqual([]);
  });

  it('answers 409 if the run ended in another way, 404 for an unknown id, and 400 for an invalid one', async () => {
    const { run, control } = await beginKnownRun();
    await run.all();
    expect(await control.abandon(1)).toMatchObject({
      status: 409,
      body: { code: 'EXECUTION_ENDED', jobExecutionId: 1, exitCode: 'COMPLETED' },
    });
    expect(await control.abandon(2)).toMatchObject({ status: 404, body: { code: 'EXECUTION_NOT_FOUND' } });
    expect(await control.abandon('1.5')).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
  });
});
