import { describe, expect, it } from 'vitest';
import { type BatchWork, readBatch, recordResults } from '../../../functions/executions/batch.ts';
import type { ItemResult } from '../../../functions/executions/item-result.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { startBank } from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun } from '../../support/run.ts';

const newTable = useDynamoDb();

const created = ({ itemBankId, repositoryName: name }: ListedRepository): ItemResult => ({
  itemBankId,
  repositoryName: name,
  outcome: 'created',
  webhookFound: 'present',
  durationMs: 0,
});

/** The batch of a listed bank, and a function that records results as an invocation that read the batch before. */
async function readListedBatch(repositories: number) {
  const bank = await startBank({ repositories, withoutProjectWebhook: 0 });
  const { list, dependencies, event } = await beginRun({ newTable, bank });
  await list();
  const id = event.jobExecutionId;
  const read = () => readBatch(dependencies.executionsTable, id, 0);
  const record = (work: BatchWork, results: readonly ItemResult[]) =>
    recordResults(dependencies, { id, batch: 0, work }, results);
  return { executionsTable: dependencies.executionsTable, read, record };
}

describe('the results of a batch', () => {
  it('are added to what was recorded before', async () => {
    const { read, record } = await readListedBatch(3);
    const before = await read();
    await record(before, before.remaining.slice(0, 2).map(created));
    const between = await read();
    expect(between.remaining).toEqual(before.remaining.slice(2));
    expect(await record(between, between.remaining.map(created))).toMatchObject({
      outcomes: { created: 3, unchanged: 0, failed: 0 },
    });
    expect((await read()).remaining).toEqual([]);
  });

  it('are recorded once if the SDK sends the request again because its answer was lost', async () => {
    const { executionsTable, read, record } = await readListedBatch(3);
    const work = await read();
    executionsTable.client.middlewareStack.add(
      (next) => async (args) => {
        if ('Item' in args.input) await next(args);
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    expect(await record(work, work.remaining.map(created))).toMatchObject({ outcomes: { created: 3 } });
    expect((await read()).remaining).toEqual([]);
  });

  it('are not recorded if another invocation recorded results in between', async () => {
    const { executionsTable, read, record } = await readListedBatch(3);
    const work = await read();
    await record(work, work.remaining.map(created));
    const rows = await allRows(executionsTable);
    expect(await record(work, work.remaining.slice(0, 1).map(created))).toBeUndefined();
    expect(await allRows(executionsTable)).toEqual(rows);
  });
});
