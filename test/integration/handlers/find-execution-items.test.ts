import { describe, expect, it } from 'vitest';
import { failBatch } from '../../../functions/handlers/fail-batch.ts';
import type { Row } from '../../../functions/shared/dynamodb.ts';
import { startBank } from '../../support/bank.ts';
import { HOUR_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { ITEMS_TABLE } from '../../support/items-table.ts';
import { beginRun } from '../../support/run.ts';
import { useStepFunctions } from '../../support/step-functions.ts';
import { type ExecutionsApi, openExecutionsApi, putRunWith, rowOf } from './executions-support.ts';

const newTable = useDynamoDb();
const stepFunctions = useStepFunctions();

const FORBIDDEN = {
  reason: 'FORBIDDEN',
  message: 'Must have admin rights',
  githubRequestId: 'AB12:3',
} as const;

/** The API in front of a run with these rows, and of another run. */
async function apiWith(rows: Row[], overrides: Parameters<typeof openExecutionsApi>[2] = {}) {
  const executionsTable = await newTable();
  await putRunWith(executionsTable, rows);
  const itemsTable = await newTable(ITEMS_TABLE);
  return openExecutionsApi(executionsTable, stepFunctions, { itemsTable, ...overrides });
}

const OUTCOMES = [
  rowOf(1),
  rowOf(2, { outcome: 'failed', reason: 'ITEM_JSON_INVALID', message: 'no JSON', githubRequestId: 'CD34:5' }),
  rowOf(3, {
    outcome: 'unchanged',
    webhookFound: 'missing',
    webhookLeft: 'forbidden',
    webhookFailure: FORBIDDEN,
  }),
  rowOf(4, {
    outcome: 'failed',
    reason: 'BATCH_FAILED',
    message: 'AwsUnavailable: no',
    webhookFound: 'unchecked',
    webhookLeft: 'unchecked',
  }),
  rowOf(5, { webhookFound: 'missing', webhookLeft: 'created' }),
  // As an earlier release wrote it.
  { ...rowOf(6, { outcome: 'failed', webhookTrouble: FORBIDDEN }), repository: 'item-6' },
];

async function idsOf(api: ExecutionsApi, query?: Record<string, string>): Promise<number[]> {
  const { status, body } = await api.items(1, query);
  expect(status).toBe(200);
  return body.items.map(({ itemBankId: id }) => id);
}

describe('GET /executions/{jobExecutionId}/items', () => {
  it('returns what a run did to each id, with reason, message and GitHub request id', async () => {
    const { body } = await (await apiWith(OUTCOMES)).items(1);
    const common = { webhookFound: 'present', webhookLeft: 'present' };
    expect(body).toEqual({
      items: [
        { itemBankId: 1, repository: 'item-1', outcome: 'created', ...common },
        {
          itemBankId: 2,
          repository: 'item-2',
          outcome: 'failed',
          reason: 'ITEM_JSON_INVALID',
          message: 'no JSON',
          githubRequestId: 'CD34:5',
          ...common,
        },
        {
          itemBankId: 3,
          repository: 'item-3',
          outcome: 'unchanged',
          webhookFound: 'missing',
          webhookLeft: 'forbidden',
          webhookFailure: FORBIDDEN,
        },
        expect.objectContaining({ itemBankId: 4 }),
        expect.objectContaining({ itemBankId: 5 }),
        { itemBankId: 6, repository: 'item-6', outcome: 'failed', webhookFailure: FORBIDDEN, ...common },
      ],
      itemsKeptUntil: '2026-12-23T09:00:00.000Z',
    });
  });

  it.each<[query: Record<string, string>, ids: number[]]>([
    [{ outcome: 'failed' }, [2, 4, 6]],
    [{ outcome: 'removed' }, []],
    [{ reason: 'BATCH_FAILED' }, [4]],
    // The reason why a webhook could not be written.
    [{ reason: 'FORBIDDEN' }, [3, 6]],
    [{ webhook: 'created' }, [5]],
    [{ webhook: 'missing' }, []],
    [{ outcome: 'failed', webhook: 'present' }, [2, 6]],
    [{ outcome: 'failed', reason: 'FORBIDDEN' }, [6]],
  ])('answers %j with the ids %j', async (query, ids) => {
    expect(await idsOf(await apiWith(OUTCOMES), query)).toEqual(ids);
  });

  it.each<[query: Record<string, string>, detail: string]>([
    [{ state: 'failed' }, 'unknown parameter state'],
    [
      { outcome: 'broken', format: 'xml' },
      'outcome must be one of created, updated, derived, unchanged, removed, deferred, failed; format must be one of json, csv',
    ],
    [{ limit: '1001' }, 'limit must be a number from 1 to 1000'],
    [{ cursor: 'abc' }, 'cursor is damaged or belongs to another query: take the `next` of the page before'],
  ])('names what is wrong with %j', async (query, detail) => {
    expect(await (await apiWith([])).items(1, query)).toMatchObject({ status: 400, body: { detail } });
  });

  it('answers 404 if there is no such run', async () => {
    expect(await (await apiWith([])).items(7)).toMatchObject({
      status: 404,
      body: { code: 'EXECUTION_NOT_FOUND' },
    });
  });

  it('answers 410 instead of an empty list once rows may have been deleted', async () => {
    const api = await apiWith(OUTCOMES);
    api.clock.advance(30 * 24 * HOUR_MS - 1);
    expect(await idsOf(api)).toHaveLength(6);
    api.clock.advance(1);
    expect(await api.items(1, { outcome: 'failed' })).toMatchObject({
      status: 410,
      body: {
        code: 'EXECUTION_ITEMS_EXPIRED',
        detail:
          'the outcomes of single item bank ids of job execution 1 were kept until 2026-12-23T09:00:00.000Z',
        itemsKeptUntil: '2026-12-23T09:00:00.000Z',
      },
    });
  });

  it('has the ids of a batch that failed for good', async () => {
    const run = await beginRun({
      newTable,
      bank: await startBank({ repositories: 3, withoutProjectWebhook: 0 }),
    });
    await run.list();
    const error = { Error: 'AwsUnavailable', Cause: 'no answer' };
    await failBatch(run.dependencies, { ...run.event, batch: 0, error });
    const { executionsTable, itemsTable } = run.dependencies;
    const api = openExecutionsApi(executionsTable, stepFunctions, { itemsTable });
    const { items } = (await api.items(1, { outcome: 'failed' })).body;
    expect(items).toHaveLength(3);
    expect(items[0]).toMatchObject({ reason: 'BATCH_FAILED', message: 'AwsUnavailable: no answer' });
  });

  it('names an id whose row cannot be read, and returns the others', async () => {
    const api = await apiWith([rowOf(1), { ...rowOf(2), webhookFound: 'lost' }, rowOf(3)]);
    expect((await api.items(1)).body).toMatchObject({
      items: [{ itemBankId: 1 }, { itemBankId: 3 }],
      unreadable: [2],
    });
    expect(api.log.lines).toMatchObject([
      {
        level: 'WARN',
        message: expect.stringMatching(/^could not read a row of this answer: RowInvalid: the row ITEM#2 /),
      },
    ]);
    expect((await api.items(1, { format: 'csv' })).text).toContain(
      '\r\n2,,,,this row cannot be read,,,,,,,\r\n',
    );
  });
});

describe('the items of a run as CSV', () => {
  it('have a header line, and no cell that a spreadsheet would execute as a formula', async () => {
    const message = '=HYPERLINK("http://example.com"), the "file"\nhas two lines';
    const api = await apiWith([
      rowOf(1, { repositoryName: '-item', outcome: 'failed', reason: 'ITEM_JSON_INVALID', message }),
      rowOf(3, { webhookLeft: 'forbidden', webhookFailure: FORBIDDEN }),
    ]);
    const { status, headers, text } = await api.items(1, { format: 'csv' });
    expect({ status, headers }).toEqual({
      status: 200,
      headers: { 'content-type': 'text/csv; charset=utf-8' },
    });
    expect(text).toBe(
      [
        'itemBankId,repository,outcome,reason,message,githubRequestId,webhookFound,webhookLeft,webhookReason,webhookMessage,webhookGithubRequestId,since',
        `1,'-item,failed,ITEM_JSON_INVALID,"'=HYPERLINK(""http://example.com""), the ""file""\nhas two lines",,present,present,,,,`,
        '3,item-3,created,,,,present,forbidden,FORBIDDEN,Must have admin rights,AB12:3,',
        '',
      ].join('\r\n'),
    );
  });

  it('have the address of the next page in the header Link, and a cursor that is valid for JSON too', async () => {
    const api = await apiWith(OUTCOMES);
    const query = { outcome: 'failed', format: 'csv', limit: '1' };
    const { headers } = await api.items(1, query);
    const [, target = ''] = /^<(.*)>; rel="next"$/.exec(String(headers?.['link'])) ?? [];
    const url = new URL(target, 'https://api.example/prod/executions/1/items?outcome=failed');
    expect(url.pathname).toBe('/prod/executions/1/items');
    const next = Object.fromEntries(url.searchParams);
    expect(next).toMatchObject(query);
    expect((await api.items(1, next)).text).toMatch(/^itemBankId,.*\r\n4,item-4,failed/);
    const { format: _, ...asJson } = next;
    const { body } = await api.items(1, asJson);
    expect(body).toMatchObject({ items: [{ itemBankId: 4 }], next: expect.any(String) });
    const last = await api.items(1, { ...query, cursor: String(body.next) });
    expect(last.text).toContain('\r\n6,item-6,');
    expect(last.headers).not.toHaveProperty('link');
  });
});

it('a page of items ends at 4 MB', async () => {
  const message = 'x'.repeat(100_000);
  const api = await apiWith(Array.from({ length: 50 }, (_, index) => rowOf(index + 1, { message })));
  const { body, text } = await api.items(1);
  expect(body.items).toHaveLength(39);
  expect(text.length).toBeLessThan(4_000_000);
  expect((await api.items(1, { cursor: String(body.next) })).body.items).toHaveLength(11);
});
