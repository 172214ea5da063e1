import { describe, expect, it } from 'vitest';
import {
  recordDeferrals,
  recordFailure,
  recordVerification,
  recordWebhook,
} from '../../../functions/mirror/bookkeeping.ts';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { removeItem } from '../../../functions/mirror/remove-item.ts';
import { jobExecutionId } from '../../../functions/shared/contract/ids.ts';
import type { Failure } from '../../../functions/shared/contract/job-execution.ts';
import type { Table } from '../../../functions/shared/dynamodb.ts';
import { allRows, scriptedTable, useDynamoDb } from '../../support/dynamodb.ts';
import { bankItem, ID, ITEMS_TABLE, mirrorOf, NOW, RUN, revisions } from '../../support/items-table.ts';
import { dies, dyingAfter, readRow, requireRow, store } from './support.ts';

const newTable = useDynamoDb();
const newItems = (): Promise<Table> => newTable(ITEMS_TABLE);

const A_DAY_LATER = new Date('2026-11-24T09:00:00.000Z');
const LATER = { ...RUN, now: A_DAY_LATER, readAt: A_DAY_LATER, jobExecutionId: jobExecutionId(16) };
const NEXT = bankItem({ headCommit: 'commit-2', blobOid: 'blob-2', revisions: revisions(4) });
const FAILURE: Failure = {
  reason: 'ITEM_JSON_INVALID',
  message: 'not JSON',
  githubRequestId: 'A1',
};

const failAt = async (table: Table, context = RUN, repository = bankItem()): Promise<boolean> =>
  recordFailure(table, { row: await readRow(table), repository, failure: FAILURE }, context);

/** An item whose removal was interrupted after its tombstone was written. */
async function leaveTombstone(table: Table): Promise<void> {
  const row = await store(table, bankItem());
  const request = { ...RUN, reason: 'DELETED', publish: async () => {} } as const;
  expect(await dies(removeItem(dyingAfter(table, 1), row, request))).toBe(true);
}

/** A table in the middle of another transaction on the row. The engine's transactions end at once. */
const busyItems = (): Promise<Table> =>
  scriptedTable(() => {
    const __type = 'com.amazonaws.dynamodb.v20120810#TransactionConflictException';
    return { status: 400, body: { __type, message: 'Transaction is ongoing for the item' } };
  });

describe('recordVerification', () => {
  it('sets lastVerifiedAt and the version, and leaves everything else as it is', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    const mirror = await mirrorOf(table);
    expect(await recordVerification(table, row, LATER)).toBe(row.version + 1);
    const verified = { version: row.version + 1, lastVerifiedAt: LATER.now.toISOString() };
    expect(await readRow(table)).toEqual({ sk: 'ITEM', ...row, ...verified });
    expect(await mirrorOf(table)).toEqual(mirror);
  });

  it('removes an earlier failure', async () => {
    const table = await newItems();
    await store(table, bankItem());
    await failAt(table);
    await recordVerification(table, await requireRow(table), LATER);
    expect(await readRow(table)).not.toHaveProperty('failure');
  });

  it('writes nothing if another writer has changed the item', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    await store(table, NEXT);
    const rows = await allRows(table);
    expect(await recordVerification(table, row, LATER)).toBeUndefined();
    expect(await allRows(table)).toEqual(rows);
  });

  it('reports a conflict if another transaction on the item is in progress', async () => {
    const row = await store(await newItems(), bankItem());
    expect(await recordVerification(await busyItems(), row, LATER)).toBeUndefined();
  });

  it('writes nothing if the item is being removed, or is gone', async () => {
    const table = await newItems();
    await leaveTombstone(table);
    expect(await recordVerification(table, await requireRow(table), LATER)).toBeUndefined();
    const empty = await newItems();
    expect(await recordVerification(empty, await requireRow(table), LATER)).toBeUndefined();
    expect(await allRows(empty)).toEqual([]);
  });

  it('throws other errors of the table', async () => {
    const { client } = await newItems();
    const row = { ...bankItem(), version: 1 };
    await expect(recordVerification({ client, name: 'no-such-table' }, row, RUN)).rejects.toThrow();
  });
});

describe('a deferral', () => {
  const at = { now: () => LATER.now };

  it('marks the item, and keeps a writer that read it earlier from removing the mark', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    await recordDeferrals({ itemsTable: table, ...at }, [ID]);
    const marked = { ...row, version: row.version + 1, deferredAt: LATER.now.toISOString() };
    expect(await readRow(table)).toEqual({ sk: 'ITEM', ...marked });
    expect(await recordVerification(table, row, LATER)).toBeUndefined();
    await recordVerification(table, marked, LATER);
    expect(await readRow(table)).not.toHaveProperty('deferredAt');
  });

  it('keeps the time of the first of several in succession', async () => {
    const table = await newItems();
    await store(table, bankItem());
    await recordDeferrals({ itemsTable: table, now: () => NOW }, [ID]);
    await recordDeferrals({ itemsTable: table, ...at }, [ID]);
    expect(await readRow(table)).toMatchObject({ deferredAt: NOW.toISOString() });
  });

  it('is removed by a change', async () => {
    const table = await newItems();
    await store(table, bankItem());
    await recordDeferrals({ itemsTable: table, ...at }, [ID]);
    await store(table, NEXT, LATER);
    expect(await readRow(table)).not.toHaveProperty('deferredAt');
  });

  it('creates no row, and does not touch an item that is being removed', async () => {
    const empty = await newItems();
    await recordDeferrals({ itemsTable: empty, ...at }, [ID]);
    expect(await allRows(empty)).toEqual([]);
    const table = await newItems();
    await leaveTombstone(table);
    const rows = await allRows(table);
    await recordDeferrals({ itemsTable: table, ...at }, [ID]);
    expect(await allRows(table)).toEqual(rows);
  });
});

describe('the webhook of an item', () => {
  const KNOWN = { state: 'created', id: 7, secretVersion: 'v1', checkedAt: LATER.now.toISOString() } as const;

  it('is stored with a verification, and kept by one that has nothing new', async () => {
    const table = await newItems();
    await recordVerification(table, await store(table, bankItem()), { ...RUN, webhook: KNOWN });
    await recordVerification(table, await requireRow(table), LATER);
    expect(await requireRow(table)).toMatchObject({ webhook: KNOWN });
  });

  it('is stored with a change or a failure, and kept by those that have nothing new', async () => {
    const table = await newItems();
    await store(table, bankItem(), { ...RUN, webhook: KNOWN });
    expect(await store(table, NEXT, LATER)).toMatchObject({ webhook: KNOWN });
    await failAt(table, LATER);
    expect(await requireRow(table)).toMatchObject({ webhook: KNOWN, failure: FAILURE });
    const empty = await newItems();
    await failAt(empty, { ...RUN, webhook: KNOWN });
    expect(await requireRow(empty)).toMatchObject({ webhook: KNOWN, failure: FAILURE });
  });

  it('is recorded alone, and not overwritten by a writer that checked it earlier', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    await recordWebhook(table, ID, KNOWN);
    const recorded = { ...row, version: row.version + 1, webhook: KNOWN };
    expect(await readRow(table)).toEqual({ sk: 'ITEM', ...recorded });
    expect(await recordVerification(table, row, LATER)).toBeUndefined();
    expect(await recordVerification(table, recorded, LATER)).toBe(recorded.version + 1);
  });

  it('is not recorded if the item is being removed, or is gone', async () => {
    const table = await newItems();
    await leaveTombstone(table);
    const rows = await allRows(table);
    await recordWebhook(table, ID, KNOWN);
    expect(await allRows(table)).toEqual(rows);
    const empty = await newItems();
    await recordWebhook(empty, ID, KNOWN);
    expect(await allRows(empty)).toEqual([]);
  });

  it('counts as bookkeeping, which does not follow from the bank', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const mirror = await mirrorOf(table);
    await recordWebhook(table, ID, KNOWN);
    expect(await mirrorOf(table)).toEqual(mirror);
  });
});

describe('recordFailure', () => {
  it('creates a row for a repository that has never had a valid item.json', async () => {
    const table = await newItems();
    expect(await failAt(table)).toBe(true);
    expect(await allRows(table)).toEqual([
      {
        ...ITEM_KEYS.item(ID),
        nodeId: 'R_one',
        repositoryName: '205030',
        archived: false,
        version: 0,
        failure: { ...FAILURE, since: NOW.toISOString(), at: NOW.toISOString(), jobExecutionId: 15 },
      },
    ]);
  });

  it('leaves the item as it was, including the name of the repository', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const mirror = await mirrorOf(table);
    await failAt(table, LATER, bankItem({ repositoryName: 'renamed', archived: true }));
    expect(await mirrorOf(table)).toEqual(mirror);
    expect(await requireRow(table)).toMatchObject({
      version: 1,
      failure: FAILURE,
      lastVerifiedAt: NOW.toISOString(),
    });
  });

  it('updates the name of the repository while the row shows no item', async () => {
    const table = await newItems();
    await failAt(table);
    await failAt(table, LATER, bankItem({ nodeId: 'R_new', repositoryName: 'renamed', archived: true }));
    expect(await requireRow(table)).toMatchObject({
      nodeId: 'R_new',
      repositoryName: 'renamed',
      archived: true,
    });
  });

  it('keeps the time of the first of several failures in succession', async () => {
    const table = await newItems();
    await failAt(table);
    await failAt(table, LATER);
    expect((await requireRow(table)).failure).toMatchObject({
      since: NOW.toISOString(),
      at: LATER.now.toISOString(),
      jobExecutionId: 16,
    });
  });

  it('sets a new start time if the item was good in between', async () => {
    const table = await newItems();
    await failAt(table);
    await store(table, bankItem());
    await failAt(table, { ...RUN, now: LATER.now, readAt: LATER.now, jobExecutionId: undefined });
    const { failure } = await requireRow(table);
    expect(failure).toEqual({ ...FAILURE, since: LATER.now.toISOString(), at: LATER.now.toISOString() });
  });

  it('changes nothing when it is repeated', async () => {
    const table = await newItems();
    await failAt(table);
    const rows = await allRows(table);
    expect(await failAt(table)).toBe(true);
    expect(await allRows(table)).toEqual(rows);
  });

  it('writes nothing if another writer has changed the item', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const rows = await allRows(table);
    const failed = { row: undefined, repository: bankItem(), failure: FAILURE };
    expect(await recordFailure(table, failed, RUN)).toBe(false);
    expect(await recordFailure(table, { ...failed, row: { ...bankItem(), version: 0 } }, RUN)).toBe(false);
    expect(await allRows(table)).toEqual(rows);
  });

  it('writes nothing if the item is being removed, however old the row that was read', async () => {
    const table = await newItems();
    await leaveTombstone(table);
    const rows = await allRows(table);
    const failed = { row: undefined, repository: bankItem(), failure: FAILURE };
    expect(await failAt(table)).toBe(false);
    expect(await recordFailure(table, failed, RUN)).toBe(false);
    expect(await allRows(table)).toEqual(rows);
  });
});
