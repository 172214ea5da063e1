import { ok } from 'node:assert/strict';
import { allRows } from '../support/dynamodb.ts';
import type { Scene } from './night.ts';
import type { TrueRepository } from './truth.ts';

/** What was removed is gone, and what is gone and was mirrored has been removed, counted and reported. */
export async function checkRemovals(
  { cloud, tables }: Scene,
  truth: readonly TrueRepository[],
): Promise<void> {
  const existing = new Set<number>(truth.map(({ itemBankId }) => itemBankId));
  const reported = new Set<number>();
  const created = new Set<number>();
  for (const event of cloud.eventBus.events) {
    if (event.type === 'ItemRemoved') reported.add(event.detail.itemBankId);
    if (event.type === 'ItemCreated') created.add(event.detail.itemBankId);
  }
  const rows = await allRows(tables.executionsTable);
  const removedRows = rows.filter(
    ({ sk, outcome }) => String(sk).startsWith('ITEM#') && outcome === 'removed',
  );
  const recorded = new Set<number>(removedRows.map(({ itemBankId }) => Number(itemBankId)));
  for (const id of [...reported, ...recorded]) {
    ok(!existing.has(id), `item bank id ${id} exists and was removed`);
  }
  for (const id of created) {
    if (existing.has(id)) continue;
    ok(reported.has(id), `the removal of item bank id ${id} was never reported`);
    ok(recorded.has(id), `the removal of item bank id ${id} was never recorded`);
  }
}
