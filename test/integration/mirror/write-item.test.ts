import { describe, expect, it } from 'vitest';
import { recordFailure, recordVerification } from '../../../functions/mirror/bookkeeping.ts';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { isUnchanged } from '../../../functions/mirror/plan-item.ts';
import { readItem, readRevisions } from '../../../functions/mirror/read-mirror.ts';
import { writeItem } from '../../../functions/mirror/write-item.ts';
import { jobExecutionId } from '../../../functions/shared/contract/ids.ts';
import { type Table, transact } from '../../../functions/shared/dynamodb.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { MINIMAL_FIELDS } from '../../support/item-json.ts';
import { bankItem, ID, ITEMS_TABLE, mirrorOf, NOW, RUN, revisions } from '../../support/items-table.ts';
import { dies, dyingAfter, interruptedAfter, planFor, readRow, requireRow, store } from './support.ts';

const newTable = useDynamoDb();
const newItems = (): Promise<Table> => newTable(ITEMS_TABLE);

const A_DAY_LATER = new Date('2026-11-24T09:00:00.000Z');
const LATER = { ...RUN, now: A_DAY_LATER, readAt: A_DAY_LATER, jobExecutionId: jobExecutionId(16) };
/** Of a synchronization that belongs to no run. */
const REQUEST = { now: NOW, readAt: NOW, cause: 'request' } as const;
const NEXT = bankItem({ headCommit: 'commit-2', blobOid: 'blob-2', revisions: revisions(4) });

/** Expects the rows, apart from bookkeeping, of an item that was just stored in an empty table. */
async function expectMirror(table: Table, bank = bankItem()): Promise<void> {
  const other = await newItems();
  await store(other, bank);
  expect(await mirrorOf(table)).toEqual(await mirrorOf(other));
}

describe('a new item', () => {
  it('is written with all its rows, as the bank has it', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    expect(await readItem(table, ID)).toEqual({
      item: { sk: 'ITEM', ...row },
      itemJson: '{"id":"205030"}',
      keywords: [{ section: 'Prompt / Stem', content: 'Find x' }],
      omittedKeywords: 0,
      revisions: revisions(3),
    });
    expect(await allRows(table)).toHaveLength(6);
  });

  it('has the time, the run and the unpublished event', async () => {
    const table = await newItems();
    expect(await store(table, bankItem())).toMatchObject({
      version: 1,
      change: 'created',
      changedBy: 15,
      lastChangedAt: NOW.toISOString(),
      lastVerifiedAt: NOW.toISOString(),
      unpublished: 'ItemCreated',
    });
  });

  it('names no run if none wrote it', async () => {
    const table = await newItems();
    expect(await store(table, bankItem(), REQUEST)).not.toHaveProperty('changedBy');
  });

  it('replaces a failure', async () => {
    const table = await newItems();
    const failure = { reason: 'ITEM_JSON_INVALID', message: 'no JSON' } as const;
    await recordFailure(table, { row: undefined, repository: bankItem(), failure }, RUN);
    await store(table, bankItem(), LATER);
    const row = await requireRow(table);
    expect(row).toMatchObject({ version: 1, change: 'created', unpublished: 'ItemCreated' });
    expect(row).not.toHaveProperty('failure');
    await expectMirror(table);
  });
});

describe('the keywords of an item', () => {
  const keywordsIn = async (table: Table) => (await readItem(table, ID))?.keywords;

  it('are in a row of their own, which disappears with them', async () => {
    const table = await newItems();
    await store(table, bankItem());
    expect(await keywordsIn(table)).toEqual([{ section: 'Prompt / Stem', content: 'Find x' }]);
    expect(await requireRow(table)).not.toHaveProperty('keywords');
    await store(table, { ...NEXT, keywords: { keywords: [], omitted: 0 } }, LATER);
    expect((await allRows(table)).map(({ sk }) => sk)).not.toContain('KEYWORDS');
    expect(await keywordsIn(table)).toEqual([]);
  });
});

describe('a changed item', () => {
  it('overwrites the earlier state', async () => {
    const table = await newItems();
    await store(table, bankItem());
    expect(await store(table, NEXT, LATER)).toMatchObject({
      version: 2,
      change: 'updated',
      changedBy: 16,
      lastChangedAt: LATER.now.toISOString(),
      lastVerifiedAt: LATER.now.toISOString(),
      headCommit: 'commit-2',
    });
    await expectMirror(table, NEXT);
  });

  it('loses fields that are no longer in item.json', async () => {
    const table = await newItems();
    await store(table, bankItem());
    await store(table, bankItem({ fields: { ...MINIMAL_FIELDS } }), REQUEST);
    const row = await requireRow(table);
    for (const gone of ['stimulusId', 'workflowStatus', 'workflowStatusSetAt', 'changedBy']) {
      expect(row).not.toHaveProperty(gone);
    }
  });

  it('loses revisions that are no longer in the history', async () => {
    const table = await newItems();
    await store(table, bankItem());
    await store(table, bankItem({ revisions: revisions(2, 'forced') }));
    expect((await readRevisions(table, ID)).map(({ sha }) => sha)).toEqual(['forced-0', 'forced-1']);
  });

  it('still has to be published as created if that was not published yet', async () => {
    const table = await newItems();
    await store(table, bankItem());
    expect((await store(table, NEXT)).unpublished).toBe('ItemCreated');
  });

  it('has to be published as updated if its creation was published', async () => {
    const table = await newItems();
    const { unpublished: _, ...published } = await store(table, bankItem());
    await transact(table, [
      { Put: { TableName: table.name, Item: { ...ITEM_KEYS.item(ID), ...published } } },
    ]);
    expect((await store(table, NEXT)).unpublished).toBe('ItemUpdated');
    expect((await store(table, bankItem())).unpublished).toBe('ItemUpdated');
  });
});

describe('a plan', () => {
  it('changes nothing when it is carried out again', async () => {
    const table = await newItems();
    const plan = await planFor(table, bankItem());
    await writeItem(table, plan, RUN);
    const rows = await allRows(table);
    expect(await writeItem(table, plan, LATER)).toBeUndefined();
    expect(await allRows(table)).toEqual(rows);
  });

  it('is not carried out if another writer has created the item', async () => {
    const table = await newItems();
    const plan = await planFor(table, bankItem());
    await store(table, NEXT);
    expect(await writeItem(table, plan, RUN)).toBeUndefined();
    await expectMirror(table, NEXT);
  });

  it('is not carried out if another writer has changed the item', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const plan = await planFor(table, bankItem({ archived: true }));
    await store(table, NEXT);
    expect(await writeItem(table, plan, RUN)).toBeUndefined();
    await expectMirror(table, NEXT);
  });

  it('is not carried out if the item was verified in between: the bank may have reverted the change', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    const plan = await planFor(table, NEXT);
    await recordVerification(table, row, LATER);
    expect(await writeItem(table, plan, RUN)).toBeUndefined();
    await expectMirror(table, bankItem());
  });

  it('is carried out by only one of two writers, and the item is consistent', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const rivals = [NEXT, bankItem({ headCommit: 'commit-3', revisions: revisions(9, 'forced') })];
    const plans = await Promise.all(rivals.map((bank) => planFor(table, bank)));
    const written = await Promise.all(plans.map((plan) => writeItem(table, plan, RUN)));
    expect(written.filter(Boolean)).toHaveLength(1);
    await expectMirror(table, written[0] ? rivals[0] : rivals[1]);
  });
});

describe('a change with more rows than fit into a transaction', () => {
  /** Adds 150 revisions and deletes 3. */
  const LONG = bankItem({
    repositoryName: 'renamed',
    headCommit: 'commit-9',
    blobOid: 'blob-9',
    revisions: revisions(150, 'long'),
  });

  /** A writer that dies after the first of its two transactions. */
  async function writeHalf(table: Table): Promise<void> {
    const plan = await planFor(table, LONG);
    expect(await dies(writeItem(dyingAfter(table, 1), plan, RUN))).toBe(true);
  }

  it('ends in the same rows as a change that fits', async () => {
    const table = await newItems();
    await store(table, bankItem());
    expect(await store(table, LONG)).toMatchObject({ version: 3, change: 'updated' });
    expect(await requireRow(table)).not.toHaveProperty('incomplete');
    expect(await readItem(table, ID)).toMatchObject({ revisions: LONG.revisions });
  });

  it('begins with more than 97 revisions', async () => {
    expect(await store(await newItems(), bankItem({ revisions: revisions(97) }))).toMatchObject({
      version: 1,
    });
    expect(await store(await newItems(), bankItem({ revisions: revisions(98) }))).toMatchObject({
      version: 2,
    });
  });

  it('begins with more than 3 MB', async () => {
    const table = await newItems();
    const wordy = revisions(15).map((revision) => ({ ...revision, author: 'x'.repeat(300_000) }));
    const bank = bankItem({ revisions: [...wordy, ...revisions(1, 'short')] });
    expect(await store(table, bank)).toMatchObject({ version: 2 });
    expect(await readRevisions(table, ID)).toHaveLength(16);
  });

  it('is marked as incomplete in between, and shows the earlier item', async () => {
    const table = await newItems();
    const row = await store(table, bankItem());
    await writeHalf(table);
    expect(await readRow(table)).toEqual({ sk: 'ITEM', ...row, version: 2, incomplete: true });
    expect(await readItem(table, ID)).toMatchObject({ itemJson: '{"id":"205030"}' });
  });

  it('never counts as unchanged in between, even if the bank reverts the change', async () => {
    const table = await newItems();
    await store(table, bankItem());
    await writeHalf(table);
    expect(isUnchanged(await requireRow(table), bankItem())).toBe(false);
    await store(table, bankItem());
    await expectMirror(table);
  });

  it('shows no item in between if there was none', async () => {
    const table = await newItems();
    await writeHalf(table);
    const { nodeId, repositoryName, archived } = LONG;
    expect(await readRow(table)).toEqual({
      ...ITEM_KEYS.item(ID),
      nodeId,
      repositoryName,
      archived,
      version: 1,
      incomplete: true,
    });
    expect(await store(table, LONG)).toMatchObject({ version: 2, change: 'created' });
    await expectMirror(table, LONG);
  });

  it('is not continued if another writer has changed the item', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const plan = await planFor(table, LONG);
    await writeHalf(table);
    await store(table, NEXT);
    expect(await writeItem(table, plan, RUN)).toBeUndefined();
    await expectMirror(table, NEXT);
  });

  it('stops if another writer comes in between its transactions', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const plan = await planFor(table, LONG);
    const interrupted = interruptedAfter(table, 1, () => store(table, NEXT));
    expect(await writeItem(interrupted, plan, RUN)).toBeUndefined();
    await expectMirror(table, NEXT);
  });
});
