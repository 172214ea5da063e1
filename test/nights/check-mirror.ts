import { deepEqual, equal, ok } from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import type { Row, Table } from '../../functions/shared/dynamodb.ts';
import { allRows, type NewTable } from '../support/dynamodb.ts';
import { ITEMS_TABLE, mirrorOf } from '../support/items-table.ts';
import { beginRun } from '../support/run.ts';
import type { Scene } from './night.ts';
import type { TrueRepository } from './truth.ts';

/** The mirror is what the bank says, and what a fresh mirror of the same bank would be. */
export async function checkMirror(
  scene: Scene,
  { truth, newTable }: { truth: readonly TrueRepository[]; newTable: NewTable },
): Promise<void> {
  const rows = await allRows(scene.tables.itemsTable);
  const readable = new Set<unknown>(truth.flatMap(({ item, itemBankId }) => (item ? [itemBankId] : [])));
  checkTruth(rows, truth);
  checkNothingUnfinished(rows, readable);
  checkEvents(scene, rows);
  const fresh = await freshMirror(scene, newTable);
  deepEqual(
    await legible(scene.tables.itemsTable),
    await legible(fresh),
    'a fresh mirror shows something else',
  );
}

function checkTruth(rows: readonly Row[], truth: readonly TrueRepository[]): void {
  const byId = new Map<unknown, Row[]>();
  for (const row of rows) byId.set(row['itemBankId'], [...(byId.get(row['itemBankId']) ?? []), row]);
  const known = new Set<unknown>(truth.map(({ itemBankId }) => itemBankId));
  for (const id of byId.keys()) ok(known.has(id), `item bank id ${id} is mirrored and not in the bank`);
  for (const { itemBankId, repositoryName, archived, item } of truth) {
    const own = byId.get(itemBankId) ?? [];
    const row = own.find(({ sk }) => sk === 'ITEM');
    ok(row, `item bank id ${itemBankId} (${repositoryName}) has no row`);
    if (!item) continue;
    const { branch, headCommit, itemId, commits } = item;
    const shown = ['repositoryName', 'archived', 'branch', 'headCommit', 'itemId'].map((name) => row[name]);
    const text = `item bank id ${itemBankId} (${repositoryName})`;
    deepEqual(shown, [repositoryName, archived, branch, headCommit, itemId], text);
    const revisions = own.filter(({ sk }) => String(sk).startsWith('REVISION#')).length;
    equal(revisions, commits, `revisions of ${text}`);
  }
}

const UNFINISHED = ['unpublished', 'failure', 'incomplete', 'removal'];

function checkNothingUnfinished(rows: readonly Row[], readable: ReadonlySet<unknown>): void {
  for (const row of rows) {
    if (!readable.has(row['itemBankId'])) continue;
    const marks = UNFINISHED.filter((name) => name in row);
    deepEqual(marks, [], `the row ${row['sk']} of item bank id ${row['itemBankId']} has ${marks.join(', ')}`);
  }
}

/** The newest event about an item tells of the state that the mirror shows. */
function checkEvents({ cloud }: Scene, rows: readonly Row[]): void {
  const newest = new Map<unknown, { version: number; headCommit: string | undefined }>();
  for (const event of cloud.eventBus.events) {
    if (event.type === 'ItemRemoved') newest.delete(event.detail.itemBankId);
    if (event.type !== 'ItemCreated' && event.type !== 'ItemUpdated') continue;
    const { itemBankId, version, headCommit } = event.detail;
    if (version >= (newest.get(itemBankId)?.version ?? 0)) newest.set(itemBankId, { version, headCommit });
  }
  for (const { sk, itemBankId, headCommit, itemId } of rows) {
    if (sk !== 'ITEM' || itemId === undefined) continue;
    equal(newest.get(itemBankId)?.headCommit, headCommit, `the last event about item bank id ${itemBankId}`);
  }
}

async function freshMirror({ bank, time }: Scene, newTable: NewTable): Promise<Table> {
  const tables = { executionsTable: await newTable(), itemsTable: await newTable(ITEMS_TABLE) };
  const clock = { now: time.now, advance: () => {}, set: () => {} };
  // Checks no webhooks, which are not a part of the mirror.
  const overrides = { webhookScope: 'organization' } as const;
  const run = await beginRun({ newTable, bank, tables, clock, overrides });
  await run.list();
  await run.batches();
  return tables.itemsTable;
}

/** The rows of a mirror that follow from the bank, with item.json unzipped. */
async function legible(table: Table): Promise<Row[]> {
  const rows = await mirrorOf(table);
  return rows.map(({ gzip, ...row }) =>
    gzip instanceof Uint8Array ? { ...row, itemJson: gunzipSync(gzip).toString() } : row,
  );
}
