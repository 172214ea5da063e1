import { describe, expect, it } from 'vitest';
import { readBatch, recordResults } from '../../../functions/executions/batch.ts';
import { summarizeRun } from '../../../functions/executions/counts.ts';
import { readItemRows } from '../../../functions/executions/item-result.ts';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { KEYS } from '../../../functions/executions/keys.ts';
import { requireListing } from '../../../functions/executions/listing.ts';
import { readState } from '../../../functions/executions/lock.ts';
import { itemBankId, jobExecutionId } from '../../../functions/shared/contract/ids.ts';
import { NO_REQUESTS } from '../../../functions/shared/contract/requests.ts';
import { putRows, type Row } from '../../../functions/shared/dynamodb.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';

const newTable = useDynamoDb();
const ID = jobExecutionId(15);
const ONE = itemBankId(1);
const TWO = itemBankId(2);
const FORBIDDEN = { reason: 'FORBIDDEN', message: 'not allowed' } as const;

/** Rows as a release wrote them whose names differ from those of today, or that did not count everything. */
const FORMER_ROWS: Row[] = [
  {
    ...KEYS.execution(ID),
    jobExecutionId: ID,
    status: 'STARTED',
    trigger: 'api',
    startedBy: 'alice',
    executionArn: 'arn',
    options: { dryRun: false },
    createTime: '2026-11-23T09:00:00.000Z',
    lastUpdated: '2026-11-23T09:00:00.000Z',
    counts: { total: 2, created: 1, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 1 },
    forecast: { webhookShare: 1, webhookLooks: 2, requests: { reads: 5, queries: 1 } },
  },
  {
    ...KEYS.batch(ID, 0),
    repositories: [
      { itemBankId: ONE, nodeId: 'R_1', name: 'item-1', archived: false },
      { itemBankId: TWO, nodeId: 'R_2', name: 'item-2', archived: true },
    ],
    remaining: [TWO],
    verdicts: {
      1: { kind: 'keep', repository: { itemBankId: ONE, nodeId: 'R_1', name: 'item-1', archived: false } },
      2: { kind: 'failed', trouble: FORBIDDEN },
    },
  },
  {
    ...KEYS.progress(ID, 0),
    batch: 0,
    outcomes: { created: 1, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 0 },
    requiringProjectWebhook: [ONE],
    webhooksNotChecked: 0,
    failedItemBankIds: [],
  },
  {
    ...KEYS.item(ID, ONE),
    itemBankId: ONE,
    repository: 'item-1',
    outcome: 'created',
    webhookFound: 'missing',
    webhookLeft: 'forbidden',
    webhookTrouble: FORBIDDEN,
    durationMs: 7,
  },
];

async function tableOfFormerRows() {
  const executionsTable = await newTable();
  await putRows(executionsTable, FORMER_ROWS);
  return executionsTable;
}

describe('rows of an earlier release', () => {
  it('are read as records of executions', async () => {
    const record = await readExecution(await tableOfFormerRows(), ID);
    expect(record).toMatchObject({
      status: 'STARTED',
      counts: { total: 2, webhooksNotChecked: 0 },
      forecast: { webhookShare: 1, webhookChecks: 2, requests: { reads: 5, queries: 1 } },
    });
  });

  it('are read as batches with their progress and verdicts, to which results are added', async () => {
    const executionsTable = await tableOfFormerRows();
    const work = await readBatch(executionsTable, ID, 0);
    expect(work).toMatchObject({
      repositories: [{ repositoryName: 'item-1' }, { repositoryName: 'item-2' }],
      remaining: [{ itemBankId: TWO, repositoryName: 'item-2' }],
      progress: { outcomes: { created: 1 }, webhooksDiffering: [], requests: NO_REQUESTS },
      verdicts: {
        1: { kind: 'keep', repository: { repositoryName: 'item-1' } },
        2: { kind: 'failed', failure: FORBIDDEN },
      },
    });
    const record = { id: ID, batch: 0, work, used: { ...NO_REQUESTS, reads: 1 } };
    const dependencies = { executionsTable, now: () => new Date('2026-11-23T09:01:00.000Z') };
    expect(await recordResults(dependencies, record, [])).toMatchObject({
      outcomes: { created: 1 },
      requests: { reads: 1 },
    });
  });

  it('are read as results of items, and counted', async () => {
    const executionsTable = await tableOfFormerRows();
    expect(await readItemRows(executionsTable, ID, [ONE, TWO])).toEqual([
      {
        itemBankId: ONE,
        repositoryName: 'item-1',
        outcome: 'created',
        webhookFound: 'missing',
        webhookLeft: 'forbidden',
        webhookFailure: FORBIDDEN,
        durationMs: 7,
      },
    ]);
    const ids = { count: 2, firstItemBankId: ONE, lastItemBankId: TWO };
    const listing = { total: 2, batches: [{ batch: 0, ...ids }] };
    expect(await summarizeRun(executionsTable, ID, listing)).toMatchObject({
      counts: { total: 2, created: 1, failed: 0, requiringProjectWebhook: 1, webhooksNotCreated: 1 },
      unprocessed: 1,
      requests: NO_REQUESTS,
    });
  });
});

describe('a row that lacks what is needed is not read', () => {
  it.each([
    [KEYS.state(), 'the STATE row of the job', readState],
    [KEYS.execution(ID), 'the record of job execution 15', readExecution],
    [KEYS.listing(ID), 'the listing of job execution 15', requireListing],
    [KEYS.batch(ID, 0), 'batch 0 of job execution 15', readBatch],
  ] as const)('%o', async (key, what, read) => {
    const executionsTable = await newTable();
    await putRows(executionsTable, [{ ...key, unrelated: 1 }]);
    await expect(read(executionsTable, ID, 0)).rejects.toMatchObject({
      name: 'RowInvalid',
      message: expect.stringContaining(`${what} cannot be read: `),
    });
  });
});
