import { describe, expect, it } from 'vitest';
import { markVerified, noteWebhook, recordFailure } from '../../../functions/mirror/bookkeeping.ts';
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

const LATER = { now: new Date('2026-11-24T09:00:00.000Z'), jobExecutionId: jobExecutionId(16) };
const NEXT = bankItem({ headCommit: 'commit-2', blobOid: 'blob-2', revisions: revisions(4) });
const TROUBLE: Failure = {
  reason: 'ITEM_JSON_INVALID',
  message: 'not JSON',
  githubRequestId: 'A1',
};

const failAt = async (table: Table, context = RUN, seen = bankItem()): Promise<boolean> =>
  recordFailure(table, { row: await readRow(table), seen, trouble: TROUBLE }, context);

/** An item whose removal ended after its tombstone was written. */
async function leaveTombstone(table: Table): Promise<void> {
  const row = await store(table, bankItem());
  const request = { ...RUN, reason: 'DELETED', publish: async () => {} } as const;
  expect(await dies(removeItem(dyingAfter(table, 1), row, request))).toBe(true);
}

/** DynamoDB while a transaction on the row is under way: the engine's are over at once. */
const busyItems = (): Promise<Table> =>
  scriptedTable(() => {
    const __type = 'com.amazonaws.dynamodb.v20120810#TransactionConflictException';
    return { status: 400, body: { __type, message: 'Transaction is ongoing for the item' } };
  });

describe('an item that is verified', () => {
  it('says when, and nothing else of it changes', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    const mirror = await mirrorOf(table);
    expect(await markVerified(table, row, LATER)).toBe(row.version + 1);
    const verified = { version: row.version + 1, lastVerifiedAt: LATER.now.toISOString() };
    expect(await readRow(table)).toEqual({ sk: 'ITEM', ...row, ...verified });
    expect(await mirrorOf(table)).toEqual(mirror);
  });

  it('has no failure any more', async () => {
    const table = await newItems();
    await store(table, bankItem());
    await failAt(table);
    await markVerified(table, await requireRow(table), LATER);
    expect(await readRow(table)).not.toHaveProperty('failure');
  });

  it('is not the one that another writer has changed meanwhile', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    await store(table, NEXT);
    const rows = await allRows(table);
    expect(await markVerified(table, row, LATER)).toBeUndefined();
    expect(await allRows(table)).toEqual(rows);
  });

  it('is not one that another writer is changing just now', async () => {
    const row = await store(await newItems(), bankItem());
    expect(await markVerified(await busyItems(), row, LATER)).toBeUndefined();
  });

  it('is not one that is being removed, nor one that is gone', async () => {
    const table = await newItems();
    await leaveTombstone(table);
    expect(await markVerified(table, await requireRow(table), LATER)).toBeUndefined();
    const empty = await newItems();
    expect(await markVerified(empty, await requireRow(table), LATER)).toBeUndefined();
    expect(await allRows(empty)).toEqual([]);
  });
});

describe('what is known of a webhook', () => {
  const KNOWN = { state: 'created', id: 7, secretVersion: 'v1', checkedAt: LATER.now.toISOString() } as const;

  it('is noted with a verification, and stays with one that knows nothing new', async () => {
    const table = await newItems();
    await markVerified(table, await store(table, bankItem()), { ...RUN, webhook: KNOWN });
    await markVerified(table, await requireRow(table), LATER);
    expect(await requireRow(table)).toMatchObject({ webhook: KNOWN });
  });

  it('is noted with a change and with a failure, and stays with others', async () => {
    const table = await newItems();
    await store(table, bankItem(), { ...RUN, webhook: KNOWN });
    expect(await store(table, NEXT, LATER)).toMatchObject({ webhook: KNOWN });
    await failAt(table, LATER);
    expect(await requireRow(table)).toMatchObject({ webhook: KNOWN, failure: TROUBLE });
    const empty = await newItems();
    await failAt(empty, { ...RUN, webhook: KNOWN });
    expect(await requireRow(empty)).toMatchObject({ webhook: KNOWN, failure: TROUBLE });
  });

  it('is noted by itself, and whoever looked before does not write over it', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    await noteWebhook(table, ID, KNOWN);
    const noted = { ...row, version: row.version + 1, webhook: KNOWN };
    expect(await readRow(table)).toEqual({ sk: 'ITEM', ...noted });
    expect(await markVerified(table, row, LATER)).toBeUndefined();
    expect(await markVerified(table, noted, LATER)).toBe(noted.version + 1);
  });

  it('is not noted of an item that is being removed, or is gone', async () => {
    const table = await newItems();
    await leaveTombstone(table);
    const rows = await allRows(table);
    await noteWebhook(table, ID, KNOWN);
    expect(await allRows(table)).toEqual(rows);
    const empty = await newItems();
    await noteWebhook(empty, ID, KNOWN);
    expect(await allRows(empty)).toEqual([]);
  });

  it('does not follow from the bank', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const mirror = await mirrorOf(table);
    await noteWebhook(table, ID, KNOWN);
    expect(await mirrorOf(table)).toEqual(mirror);
  });
});

describe('a note that meets trouble with the table', () => {
  it('fails with it', async () => {
    const { client } = await newItems();
    const row = { ...bankItem(), version: 1 };
    await expect(markVerified({ client, name: 'no-such-table' }, row, RUN)).rejects.toThrow();
  });
});

describe('a failure', () => {
  it('of a repository that never had a good item.json has a row of its own', async () => {
    const table = await newItems();
    expect(await failAt(table)).toBe(true);
    expect(await allRows(table)).toEqual([
      {
        ...ITEM_KEYS.item(ID),
        nodeId: 'R_one',
        repositoryName: '205030',
        archived: false,
        version: 0,
        failure: { ...TROUBLE, since: NOW.toISOString(), at: NOW.toISOString(), jobExecutionId: 15 },
      },
    ]);
  });

  it('keeps what the mirror showed before, the name of the repository with it', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const mirror = await mirrorOf(table);
    await failAt(table, LATER, bankItem({ repositoryName: 'renamed', archived: true }));
    expect(await mirrorOf(table)).toEqual(mirror);
    expect(await requireRow(table)).toMatchObject({
      version: 1,
      failure: TROUBLE,
      lastVerifiedAt: NOW.toISOString(),
    });
  });

  it('names its repository as it is now while there is nothing else to show', async () => {
    const table = await newItems();
    await failAt(table);
    await failAt(table, LATER, bankItem({ nodeId: 'R_new', repositoryName: 'renamed', archived: true }));
    expect(await requireRow(table)).toMatchObject({
      nodeId: 'R_new',
      repositoryName: 'renamed',
      archived: true,
    });
  });

  it('that follows another dates from the first of them', async () => {
    const table = await newItems();
    await failAt(table);
    await failAt(table, LATER);
    expect((await requireRow(table)).failure).toMatchObject({
      since: NOW.toISOString(),
      at: LATER.now.toISOString(),
      jobExecutionId: 16,
    });
  });

  it('that comes after the item was good dates from itself', async () => {
    const table = await newItems();
    await failAt(table);
    await store(table, bankItem());
    await failAt(table, { now: LATER.now });
    const { failure } = await requireRow(table);
    expect(failure).toEqual({ ...TROUBLE, since: LATER.now.toISOString(), at: LATER.now.toISOString() });
  });

  it('recorded twice is the same', async () => {
    const table = await newItems();
    await failAt(table);
    const rows = await allRows(table);
    expect(await failAt(table)).toBe(true);
    expect(await allRows(table)).toEqual(rows);
  });

  it('is not recorded over what another writer has done meanwhile', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const rows = await allRows(table);
    const failure = { row: undefined, seen: bankItem(), trouble: TROUBLE };
    expect(await recordFailure(table, failure, RUN)).toBe(false);
    expect(await recordFailure(table, { ...failure, row: { ...bankItem(), version: 0 } }, RUN)).toBe(false);
    expect(await allRows(table)).toEqual(rows);
  });

  it('is not recorded of an item that is being removed, however old the row that was read', async () => {
    const table = await newItems();
    await leaveTombstone(table);
    const rows = await allRows(table);
    const failure = { row: undefined, seen: bankItem(), trouble: TROUBLE };
    expect(await failAt(table)).toBe(false);
    expect(await recordFailure(table, failure, RUN)).toBe(false);
    expect(await allRows(table)).toEqual(rows);
  });
});
