import { describe, expect, it } from 'vitest';
import type { Revision } from '../../../functions/mirror/item-history.ts';
import { areStatusesKnown, ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { isUnchanged, planRevisions, type RevisionsPlan } from '../../../functions/mirror/plan-item.ts';
import { readRevisions } from '../../../functions/mirror/read-mirror.ts';
import { storeRevisions } from '../../../functions/mirror/write-item.ts';
import { putRows, type Table } from '../../../functions/shared/dynamodb.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { bankItem, ID, ITEMS_TABLE, mirrorOf, revisions } from '../../support/items-table.ts';
import { dies, dyingAfter, interruptedAfter, planFor, readRow, requireRow, store } from './support.ts';

const newTable = useDynamoDb();
const newItems = (): Promise<Table> => newTable(ITEMS_TABLE);

/** More than one transaction has room for. */
const LONG = bankItem({ headCommit: 'commit-2', revisions: revisions(250) });

/** Plans to store all revisions but the last ten, after a row that was read. */
async function planPart(table: Table): Promise<RevisionsPlan> {
  const part = LONG.revisions.map((revision, index): Revision | undefined =>
    index < 240 ? revision : undefined,
  );
  const before = await readRow(table);
  return planRevisions({ before, stored: await readRevisions(table, ID), repository: LONG, revisions: part });
}

/** Makes the rows of an item those of the first release, which read the workflow status in another way. */
async function storeFormer(table: Table): Promise<void> {
  const row = await store(table, bankItem({ revisions: revisions(20, 'former') }));
  await putRows(table, [{ ...ITEM_KEYS.item(ID), ...row, schemaVersion: 1 }]);
}

async function expectFinished(table: Table): Promise<void> {
  await store(table, LONG);
  const other = await newItems();
  await store(other, LONG);
  expect(await mirrorOf(table)).toEqual(await mirrorOf(other));
  expect(await requireRow(table)).not.toHaveProperty('incomplete');
  expect(await requireRow(table)).not.toHaveProperty('revisionsSchemaVersion');
}

describe('a part of a history', () => {
  it('is stored before its item is mirrored, and need not be stored again', async () => {
    const table = await newItems();
    const stored = await storeRevisions(table, await planPart(table));
    const row = await requireRow(table);
    expect({ sk: 'ITEM', ...stored?.row }).toEqual(row);
    expect(row).toMatchObject({ incomplete: true, repositoryName: '205030' });
    expect(row).not.toHaveProperty('headCommit');
    expect(areStatusesKnown(row)).toBe(true);
    expect((await planPart(table)).revisionsToPut).toEqual([]);
    expect((await planFor(table, LONG)).revisionsToPut).toHaveLength(10);
    await expectFinished(table);
  });

  it('is stored beside an item that stays as it was, and that counts as changed', async () => {
    const table = await newItems();
    const before = await store(table, bankItem());
    await storeRevisions(table, await planPart(table));
    const row = await requireRow(table);
    const { version, incomplete, revisionsSchemaVersion, ...others } = row;
    const { version: versionBefore, ...othersBefore } = before;
    expect(others).toEqual({ sk: 'ITEM', ...othersBefore });
    expect(version).toBeGreaterThan(versionBefore);
    expect(isUnchanged(row, bankItem())).toBe(false);
    await expectFinished(table);
  });

  it('replaces revisions whose status an earlier release read differently, and is current only once they are gone', async () => {
    for (let requests = 1; ; requests += 1) {
      const table = await newItems();
      await storeFormer(table);
      const isInterrupted = await dies(storeRevisions(dyingAfter(table, requests), await planPart(table)));
      const row = await requireRow(table);
      const rows = await readRevisions(table, ID);
      const former = rows.filter(({ sha }) => sha?.startsWith('former'));
      if (areStatusesKnown(row)) expect(former).toEqual([]);
      await expectFinished(table);
      if (!isInterrupted) break;
    }
  });

  it('is not stored over the change of another writer', async () => {
    const table = await newItems();
    await store(table, bankItem());
    const plan = await planPart(table);
    const interrupted = interruptedAfter(table, 1, () => store(table, LONG));
    expect(await storeRevisions(interrupted, plan)).toBeUndefined();
    await expectFinished(table);
  });

  it('leaves out a revision that does not fit into a row', async () => {
    const table = await newItems();
    const large = { sha: 'large', authoredAt: '2026-01-01T00:00:00.000Z', author: 'a'.repeat(400_000) };
    const plan = planRevisions({
      before: undefined,
      stored: [],
      repository: LONG,
      revisions: [large, ...revisions(1)],
    });
    expect(plan.revisionsToPut.map(({ sha }) => sha)).toEqual(['main-0']);
    expect(await storeRevisions(table, plan)).toMatchObject({ row: { incomplete: true } });
  });

  it('is not stored if nothing of it is known', async () => {
    const table = await newItems();
    const plan = planRevisions({ before: undefined, stored: [], repository: LONG, revisions: [undefined] });
    expect(await storeRevisions(table, plan)).toEqual({ row: undefined });
    expect(await readRow(table)).toBeUndefined();
  });
});
