import { describe, expect, it } from 'vitest';
import { KEYS } from '../../../functions/executions/keys.ts';
import { beginExecution } from '../../../functions/handlers/begin-execution.ts';
import { jobExecutionId } from '../../../functions/shared/contract/ids.ts';
import { getRow, putRows } from '../../../functions/shared/dynamodb.ts';
import { HOUR_MS, MINUTE_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { createJob, executionArn } from '../../support/executions.ts';
import { createLog } from '../../support/log.ts';
import { recordReports } from '../../support/reports.ts';
import { useStepFunctions } from '../../support/step-functions.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

async function createJobToBegin() {
  const job = createJob(await newTable(), stepFunctions);
  const log = createLog();
  const { reporting, ...reports } = recordReports();
  const dependencies = {
    ...job,
    log,
    random: () => 0,
    remainingTimeMs: () => MINUTE_MS,
    runDeadlineHours: 6,
    ...reporting,
  };
  return {
    job,
    log,
    ...reports,
    begin: (arn: string) => beginExecution(dependencies, { executionArn: arn }),
  };
}

describe('BeginExecution', () => {
  it('logs the launch in the original wording and sets a deadline six hours later', async () => {
    const { log, begin } = await createJobToBegin();
    expect(await begin(executionArn('first'))).toEqual({
      jobExecutionId: 1,
      deadline: '2026-11-23T15:00:00.000Z',
    });
    expect(log.messages()).toEqual([
      'Job: [name=itemSynchronizationJob] launched with the following parameters: [{}]',
      'Item Synchronization Process starting.  Job execution id: 1',
      'Executing step: [itemSynchronizationStep]',
    ]);
  });

  it('returns the same deadline and does not log the launch again on retry', async () => {
    const { job, log, begin } = await createJobToBegin();
    const first = await begin(executionArn('first'));
    job.clock.advance(HOUR_MS);
    log.lines.length = 0;
    expect(await begin(executionArn('first'))).toEqual(first);
    expect(log.messages()).toEqual(['Item Synchronization Process continuing.  Job execution id: 1']);
  });

  it('logs that it took over the lock of a dead execution, and reports its end once', async () => {
    const { job, log, events, notified, metrics, begin } = await createJobToBegin();
    await begin(executionArn('dead'));
    stepFunctions.executions.set(executionArn('dead'), { status: 'FAILED' });
    job.clock.advance(MINUTE_MS);
    expect(await begin(executionArn('next'))).toMatchObject({ jobExecutionId: 2 });
    expect(log.messages()).toContain(
      'took over the lock of job execution 1, whose execution is no longer running',
    );
    const isReported = { jobExecutionId: 1, status: 'FAILED', exitCode: 'FAILED' };
    await begin(executionArn('next'));
    expect(events).toMatchObject([{ type: 'SyncCompleted', detail: isReported }]);
    expect(notified).toMatchObject([isReported]);
    expect(metrics).toMatchObject([{ values: { RunsFailed: 1 } }]);
  });

  it('also reports the end of a run that was to be reported by one that never began', async () => {
    const { job, notified, begin } = await createJobToBegin();
    await begin(executionArn('dead'));
    stepFunctions.executions.set(executionArn('dead'), { status: 'FAILED' });
    job.clock.advance(MINUTE_MS);
    const { execution } = await job.start();
    stepFunctions.executions.delete(execution.executionArn);
    job.clock.advance(2 * MINUTE_MS);
    expect(await begin(executionArn('next'))).toMatchObject({ jobExecutionId: 3 });
    expect(notified).toMatchObject([{ jobExecutionId: 1 }, { jobExecutionId: 2 }]);
  });

  it('begins although the end of the run before cannot be reported', async () => {
    const { job, log, begin } = await createJobToBegin();
    await begin(executionArn('dead'));
    stepFunctions.executions.set(executionArn('dead'), { status: 'FAILED' });
    const row = await getRow(job.executionsTable, KEYS.execution(jobExecutionId(1)));
    await putRows(job.executionsTable, [{ ...row, startedBy: 1 }]);
    expect(await begin(executionArn('next'))).toMatchObject({ jobExecutionId: 2 });
    expect(log.messages()).toContain('could not report the end of job execution 1');
  });
});
