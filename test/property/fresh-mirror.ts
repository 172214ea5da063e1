import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import type { Row, Table } from '../../functions/shared/dynamodb.ts';
import { allRows } from '../support/dynamodb.ts';
import { ITEMS_TABLE, mirrorOf } from '../support/items-table.ts';
import type { Installation } from './installation.ts';
import { mend } from './people.ts';
import { beginRunOf, WITHOUT_LIMIT } from './synchronizations.ts';

/** Repairs the items that a run could not synchronize. A dry run finds them, and changes nothing. */
export async function mendAll(installation: Installation): Promise<void> {
  const { organization, tables } = installation;
  const before = await allRows(tables.itemsTable);
  const run = await beginRunOf(installation, { ...WITHOUT_LIMIT, dryRun: true });
  await run.all();
  expect(await allRows(tables.itemsTable)).toEqual(before);
  const failed = (await run.items()).filter(({ outcome }) => outcome === 'failed');
  for (const { itemBankId } of failed) {
    const repository = organization.repositories.find(({ id }) => id === itemBankId);
    if (repository) await mend(organization, repository);
  }
}

/** Compares the mirror with that of a first run of the bank. */
export async function showsWhatAFreshMirrorShows(installation: Installation): Promise<void> {
  const { organization, tables, newTable } = installation;
  const fresh = { executionsTable: await newTable(), itemsTable: await newTable(ITEMS_TABLE) };
  const run = await beginRunOf({ ...installation, tables: fresh }, WITHOUT_LIMIT);
  expect(await run.all()).toMatchObject({ exitCode: 'COMPLETED' });
  const shown = await legible(fresh.itemsTable);
  const ids = shown.filter(({ sk }) => sk === 'ITEM').map(({ itemBankId }) => itemBankId);
  expect(ids).toEqual(organization.repositories.map(({ id }) => id).sort());
  expect(await legible(tables.itemsTable)).toEqual(shown);
}

/** The rows of a mirror, with item.json unzipped. */
async function legible(table: Table): Promise<Row[]> {
  const rows = await mirrorOf(table);
  return rows.map(({ gzip, ...row }) =>
    gzip instanceof Uint8Array ? { ...row, itemJson: gunzipSync(gzip).toString() } : row,
  );
}
