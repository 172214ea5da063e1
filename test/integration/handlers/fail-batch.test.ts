import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { closeExecution } from '../../../functions/handlers/close-execution.ts';
import { failBatch } from '../../../functions/handlers/fail-batch.ts';
import type { FailBatchEvent } from '../../../functions/shared/contract/workflow.ts';
import { startBank } from '../../support/bank.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run, type RunSetup } from '../../support/run.ts';

const newTable = useDynamoDb();

const ERROR: FailBatchEvent['error'] = {
  Error: 'Runtime.ImportModuleError',
  Cause: JSON.stringify({
    errorType: 'Runtime.ImportModuleError',
    errorMessage: 'no module',
    trace: ['at 1:1'],
  }),
};
const MESSAGE = 'Runtime.ImportModuleError: no module';

/** A run that has listed three repositories, in one batch. */
async function listedRun(setup: Partial<RunSetup> = {}): Promise<Run> {
  const bank = setup.bank ?? (await startBank({ repositories: 3, withoutProjectWebhook: 0 }));
  const run = await beginRun({ newTable, ...setup, bank });
  await run.list();
  return run;
}

const fail = ({ dependencies, event }: Run, error = ERROR) =>
  failBatch(dependencies, { ...event, batch: 0, error });
const errorsOf = ({ log }: Run) => log.lines.filter(({ level }) => level === 'ERROR');

describe('a batch that failed for good', () => {
  it('is logged with its error and its ids', async () => {
    const run = await listedRun();
    await fail(run);
    const itemBankIds = (await run.items()).map(({ itemBankId }) => itemBankId);
    expect(errorsOf(run)).toEqual([
      {
        level: 'ERROR',
        message: `batch 1 of 1 failed, 3 item bank ids are left to the next run: ${MESSAGE}`,
        attributes: { failedBatch: { batch: 0, error: MESSAGE, itemBankIds } },
      },
    ]);
    expect(itemBankIds).toHaveLength(3);
  });

  it('leaves a row for each of its ids, and is counted in the record', async () => {
    const run = await listedRun();
    await fail(run);
    for (const row of await run.items()) {
      expect(row).toMatchObject({ outcome: 'failed', reason: 'BATCH_FAILED', message: MESSAGE });
      expect(row).toMatchObject({ webhookFound: 'unchecked', webhookLeft: 'unchecked' });
    }
    await run.createWebhooks();
    await run.remove();
    expect(await run.complete()).toMatchObject({ exitCode: 'COMPLETED_WITH_FAILURES' });
    const record = await readExecution(run.dependencies.executionsTable, run.event.jobExecutionId);
    expect(record?.counts).toMatchObject({ total: 3, failed: 3 });
    expect(errorsOf(run)).toHaveLength(1);
  });

  it('keeps the outcomes that it had recorded before', async () => {
    // Changed items are written in groups of 25, and events are published after each group.
    const remainingTimeMs = (): number => (run.events.length > 0 ? 0 : 15 * MINUTE_MS);
    const bank = await startBank({ repositories: 27, withoutProjectWebhook: 0 });
    const run: Run = await listedRun({ bank, overrides: { remainingTimeMs } });
    expect(await run.batch(0)).toMatchObject({ deferred: true, processed: 25 });
    await fail(run);
    const outcomes = Map.groupBy(await run.items(), ({ outcome }) => outcome);
    expect(outcomes.get('created')).toHaveLength(25);
    expect(outcomes.get('failed')).toHaveLength(2);
    expect(errorsOf(run)).toMatchObject([{ message: expect.stringContaining('2 item bank ids are left') }]);
    expect((await run.complete()).exitMessage).toContain(
      'created: 25, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 2',
    );
  });

  it('is recorded once if the invocation is repeated', async () => {
    const run = await listedRun();
    await fail(run);
    const rows = await allRows(run.dependencies.executionsTable);
    await fail(run);
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
    expect(errorsOf(run)).toHaveLength(1);
  });

  it('is recorded with a bounded error', async () => {
    const run = await listedRun();
    await fail(run, { Error: 'TypeError', Cause: 'x'.repeat(32_768) });
    const [row] = await run.items();
    expect(row?.message).toBe(`TypeError: ${'x'.repeat(989)}`);
  });

  it('is recorded without a cause, if Step Functions names none', async () => {
    const run = await listedRun();
    await fail(run, { Error: 'States.Timeout' });
    expect((await run.items())[0]).toMatchObject({ message: 'States.Timeout: no cause' });
  });

  it('is not recorded once another execution holds the lock', async () => {
    const run = await listedRun();
    const { executionArn } = run.event;
    await closeExecution(run.dependencies, { detail: { executionArn, status: 'ABORTED' } });
    const rows = await allRows(run.dependencies.executionsTable);
    await expect(fail(run)).rejects.toMatchObject({ name: 'ExecutionSuperseded' });
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
  });
});

describe('a batch whose failure was not recorded', () => {
  it('is recorded when the run completes', async () => {
    const run = await listedRun();
    const result = await run.complete();
    expect(result).toMatchObject({ exitCode: 'COMPLETED_WITH_FAILURES' });
    expect(result.exitMessage).toMatch(/^Total item bank ids: 3, .*, failed: 3$/);
    const error = 'its error was not recorded; see the execution in the Step Functions console';
    expect(errorsOf(run)).toMatchObject([
      { message: `batch 1 of 1 failed, 3 item bank ids are left to the next run: ${error}` },
    ]);
    const rows = await run.items();
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row).toMatchObject({ reason: 'BATCH_FAILED', message: error });

    expect(await run.complete()).toEqual(result);
    expect(errorsOf(run)).toHaveLength(1);
  });
});
