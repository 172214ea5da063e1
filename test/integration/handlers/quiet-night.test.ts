import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { KEYS } from '../../../functions/executions/keys.ts';
import { readState } from '../../../functions/executions/lock.ts';
import { itemSummary } from '../../../functions/mirror/item-view.ts';
import { readMirror } from '../../../functions/mirror/read-mirror.ts';
import type { ItemBankId } from '../../../functions/shared/contract/ids.ts';
import { recordFailedBatch } from '../../../functions/synchronization/failed-batch.ts';
import { hideFromListing, reportTotalCount, startBank } from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, nightlyRuns, type Run } from '../../support/run.ts';
import { mirrorTwoItems } from '../synchronization/mirrored-bank.ts';

const newTable = useDynamoDb();
const TWO_BATCHES = 101;
const MONDAY = '2026-11-23T09:00:00.000Z';
const TUESDAY = '2026-11-24T09:00:00.000Z';
const WEDNESDAY = '2026-11-25T09:00:00.000Z';

describe('a run that finds nothing changed', () => {
  it('writes nothing to the mirror, and no row for any item', async () => {
    const bank = await startBank({ repositories: TWO_BATCHES, withoutProjectWebhook: 3 });
    const nextRun = nightlyRuns({ newTable, bank });
    const { dependencies } = await nextRun();
    const mirror = await allRows(dependencies.itemsTable);
    const night = await nextRun();
    expect(night.exit.exitMessage).toContain('created: 0, updated: 0, unchanged: 101');
    expect(await allRows(dependencies.itemsTable)).toEqual(mirror);
    const { pk } = KEYS.workingRows(night.event.jobExecutionId);
    const rows = (await allRows(dependencies.executionsTable)).filter((row) => row['pk'] === pk);
    expect(rows.map(({ sk }) => sk)).toEqual([
      'BATCH#00000',
      'BATCH#00001',
      'LISTING',
      'PROGRESS#00000',
      'PROGRESS#00001',
      'REMOVAL',
      'REQUESTS',
    ]);
  });
});

async function freshnessOf({ dependencies }: Pick<Run, 'dependencies'>, id: ItemBankId) {
  const [rows, { lastFullRun }] = await Promise.all([
    readMirror(dependencies.itemsTable, [id]),
    readState(dependencies.executionsTable),
  ]);
  const row = rows.get(id);
  return row && itemSummary(row, { now: new Date(WEDNESDAY), lastFullRun: lastFullRun?.since }).freshness;
}

describe('the freshness of an item', () => {
  it('is the start of the last full run', async () => {
    const { item, nextRun } = await mirrorTwoItems(newTable);
    await nextRun();
    const last = await nextRun();
    expect(await freshnessOf(last, item.itemBankId)).toMatchObject({
      lastVerifiedAt: WEDNESDAY,
      lastChangedAt: MONDAY,
      deferredAt: null,
    });
    expect(await readState(last.dependencies.executionsTable)).toMatchObject({
      completedRuns: 3,
      lastFullRun: { jobExecutionId: 3, since: WEDNESDAY },
    });
  });

  it('is not changed by a dry run, nor by a run with an incomplete listing', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const dry = await nextRun({ options: { dryRun: true } });
    expect(await freshnessOf(dry, item.itemBankId)).toMatchObject({ lastVerifiedAt: MONDAY });
    expect(await readState(dry.dependencies.executionsTable)).toMatchObject({ completedRuns: 1 });
    bank.site.fail(reportTotalCount(3, Infinity));
    const incomplete = await nextRun();
    expect(incomplete.exit.exitCode).toBe('INCOMPLETE_LISTING');
    expect(await freshnessOf(incomplete, item.itemBankId)).toMatchObject({ lastVerifiedAt: MONDAY });
    expect(await readState(incomplete.dependencies.executionsTable)).toMatchObject({
      completedRuns: 2,
      lastFullRun: { jobExecutionId: 1 },
    });
  });

  it('is not that of a run which does not find the item and may not remove it, until the item is back', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    hideFromListing(bank, 'item-1');
    const night = await nextRun({ overrides: { removalEnabled: false } });
    expect(await freshnessOf(night, item.itemBankId)).toMatchObject({
      lastVerifiedAt: MONDAY,
      deferredAt: TUESDAY,
    });
    bank.site.mend();
    const back = await nextRun({ overrides: { removalEnabled: false } });
    expect(await freshnessOf(back, item.itemBankId)).toMatchObject({
      lastVerifiedAt: WEDNESDAY,
      deferredAt: null,
    });
  });

  it('is not that of a run which defers the item, or whose batch fails for good', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const { dependencies, clock } = await nextRun();
    const deferring = await beginRun({ newTable, bank, tables: dependencies, clock });
    await deferring.list();
    deferring.event.deadline = clock.now().toISOString();
    await deferring.batches();
    await deferring.complete();
    expect(await freshnessOf(deferring, item.itemBankId)).toMatchObject({
      lastVerifiedAt: MONDAY,
      deferredAt: WEDNESDAY,
    });
    clock.advance(24 * 3_600_000);
    const failing = await beginRun({ newTable, bank, tables: dependencies, clock });
    await failing.list();
    const { jobExecutionId: id } = failing.event;
    await recordFailedBatch(failing.dependencies, { id, batch: 0, batches: 1, error: 'E', dryRun: false });
    await failing.complete();
    expect(await readExecution(dependencies.executionsTable, id)).toMatchObject({ counts: { failed: 2 } });
    expect(await freshnessOf(failing, item.itemBankId)).toMatchObject({
      lastVerifiedAt: MONDAY,
      // The second of two runs in succession.
      deferredAt: WEDNESDAY,
    });
  });
});
