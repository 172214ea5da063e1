import { describe, expect, it } from 'vitest';
import { type Counts, CountsCodec, parseExecution } from '../../../functions/executions/job-execution.ts';
import { KEYS } from '../../../functions/executions/keys.ts';
import { outcomesBy } from '../../../functions/executions/progress.ts';
import { itemBankId, jobExecutionId } from '../../../functions/shared/contract/ids.ts';
import { putRows, type Row } from '../../../functions/shared/dynamodb.ts';
import { hasLeftWork, type ListedRun } from '../../../functions/synchronization/left-work.ts';
import { countRequests, useDynamoDb } from '../../support/dynamodb.ts';
import { recordOf } from '../../support/records.ts';

const newTable = useDynamoDb();

const ID = jobExecutionId(1);
const BATCHES = 200;
const QUERY_ALONE = { QueryCommand: 1 };

const itemRow = (batch: number, webhookLeft: string): Row => ({
  ...KEYS.item(ID, itemBankId(batch + 1)),
  itemBankId: batch + 1,
  repositoryName: `item-${batch}`,
  outcome: 'unchanged',
  webhookFound: 'missing',
  webhookLeft,
  durationMs: 7,
});

interface Given {
  counts?: Partial<Counts>;
  dryRun?: boolean;
  /** Batches whose webhook was not created. */
  open?: readonly number[];
  /** Attributes of the progress of the first batch. */
  first?: Row;
}

/** Asks whether a run of 200 batches left work. Each batch has one repository, whose webhook was missing. */
async function ask({ counts, dryRun = false, open = [], first = {} }: Given) {
  const executionsTable = await newTable();
  const numbers = Array.from({ length: BATCHES }, (_, batch) => batch);
  const outcomes = outcomesBy((outcome) => Number(outcome === 'unchanged'));
  await putRows(
    executionsTable,
    numbers.flatMap((batch) => [
      {
        ...KEYS.progress(ID, batch),
        batch,
        outcomes,
        requiringProjectWebhook: [batch + 1],
        ...(batch === 0 && first),
      },
      itemRow(batch, open.includes(batch) ? 'missing' : 'created'),
    ]),
  );
  const record = recordOf(1, {
    options: { dryRun },
    ...(counts && { counts: { ...CountsCodec.parse({}), ...counts } }),
  });
  const firstItemBankId = itemBankId(1);
  const batches = numbers.map((batch) => ({
    batch,
    count: 1,
    firstItemBankId,
    lastItemBankId: firstItemBankId,
  }));
  const listing: ListedRun['listing'] = {
    announced: BATCHES,
    found: BATCHES,
    complete: true,
    batches,
    total: BATCHES,
    querySize: 100,
    maxWorkers: 10,
  };
  const sent = countRequests(executionsTable);
  const isLeft = await hasLeftWork(executionsTable, { execution: parseExecution(record, ID), listing });
  return { isLeft, sent };
}

describe('whether a run left work', () => {
  it.each<[what: string, given: Given, isLeft: boolean]>([
    ['not if it created all webhooks', { counts: {} }, false],
    ['if it could not create a webhook', { counts: { webhooksNotCreated: 1 }, open: [0] }, true],
    ['if it could not repair a webhook', { counts: { webhooksNotRepaired: 1 } }, true],
    ['if an id has no outcome', { first: { outcomes: outcomesBy(() => 0) } }, true],
    ['if an id failed', { first: { outcomes: outcomesBy((outcome) => Number(outcome === 'failed')) } }, true],
    ['if a webhook was not checked', { first: { webhooksNotChecked: 1 } }, true],
    ['not if it was a dry run that found webhooks missing', { dryRun: true, open: [0, 199] }, false],
  ])('is known without rows of items: %s', async (_, given, isLeft) => {
    expect(await ask(given)).toEqual({ isLeft, sent: QUERY_ALONE });
  });

  it('is found in the last rows if the run ended while it wrote webhooks', async () => {
    const open = Array.from({ length: 10 }, (_, index) => BATCHES - 1 - index);
    expect(await ask({ open })).toEqual({ isLeft: true, sent: { ...QUERY_ALONE, BatchGetItemCommand: 10 } });
  });

  it('is taken for certain if the last rows of a run without counts are in order', async () => {
    expect(await ask({})).toEqual({ isLeft: true, sent: { ...QUERY_ALONE, BatchGetItemCommand: 50 } });
  });
});
