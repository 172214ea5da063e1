import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { deleteRows, getRow, putRows } from '../../../functions/shared/dynamodb.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { asEarlierFields, asVersion2 } from '../../support/earlier-release.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { nightlyRuns } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import { mirrorTwoItems } from './mirrored-bank.ts';
import {
  changesOf,
  createItem,
  forbid,
  freshMirrorOf,
  HISTORIES,
  itemText,
  mirrored,
  outcomesOf,
  startEmptyBank,
  TEXTS,
  withStatus,
} from './support.ts';

const newTable = useDynamoDb();

const derived = (count: number) => ({
  exitCode: 'COMPLETED',
  exitMessage: expect.stringContaining(`derived: ${count}`),
});

describe('the first run of a release that reads items differently', () => {
  it('tells a change of the bank in the same night from what the release changes', async () => {
    const { bank, item, nextRun, run: mirroring } = await mirrorTwoItems(newTable);
    const { dependencies } = mirroring;
    await asVersion2(dependencies.itemsTable);
    await commit(bank, item, { content: itemText('1', withStatus('Draft')), author: onDay(2) });
    const night = await nextRun();
    expect(night.exit.exitMessage).toContain('updated: 1, unchanged: 0');
    expect(changesOf(night).sort()).toEqual(['ItemUpdated: release', 'ItemUpdated: run']);
    expect((await mirrored(night, item)).item).toMatchObject({ change: 'updated', cause: 'run' });
    expect(await mirrorOf(dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('publishes a change of the night before with its own cause', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, 'item-1');
    const nextRun = nightlyRuns({ newTable, bank });
    await nextRun();
    await commit(bank, item, { content: itemText('1', withStatus('Draft')), author: onDay(2) });
    const publish = () => Promise.reject(new Error('the bus is unreachable'));
    const { dependencies } = await nextRun({ overrides: { publish } });
    await asEarlierFields(dependencies.itemsTable);
    const night = await nextRun();
    expect(await outcomesOf(night)).toEqual({ 'item-1': 'unchanged' });
    expect(night.exit).toMatchObject(derived(1));
    expect(changesOf(night)).toEqual(['ItemUpdated: run']);
  });

  it('recognizes an item being created by the file create', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    await commit(bank, item, { path: 'create', content: '', author: onDay(2) });
    const { dependencies } = await nextRun();
    await asVersion2(dependencies.itemsTable);
    await dependencies.itemsTable.client.send(
      new UpdateCommand({
        TableName: dependencies.itemsTable.name,
        Key: ITEM_KEYS.item(item.itemBankId),
        UpdateExpression: 'SET isBeingCreated = :no',
        ExpressionAttributeValues: { ':no': false },
      }),
    );
    const night = await nextRun();
    expect(night.exit).toMatchObject(derived(2));
    expect((await mirrored(night, item)).item).toMatchObject({ isBeingCreated: true, change: 'derived' });
  });

  it.each([
    ['is missing', undefined],
    ['is not that of the head', { blobOid: 'another' }],
    ['cannot be decompressed', { gzip: Uint8Array.of(1, 2, 3) }],
    ['has no text', { gzip: 'text' }],
  ])('reads the text from GitHub if the row ITEM_JSON %s', async (_, damage) => {
    const { bank, item, nextRun, run: mirroring } = await mirrorTwoItems(newTable);
    const { dependencies } = mirroring;
    const { itemsTable } = dependencies;
    await asEarlierFields(itemsTable);
    const key = ITEM_KEYS.itemJson(item.itemBankId);
    const row = await getRow(itemsTable, key);
    if (damage) await putRows(itemsTable, [{ ...row, ...damage }]);
    else await deleteRows(itemsTable, [key]);
    forbid(bank, HISTORIES);
    expect((await nextRun()).exit).toMatchObject(derived(2));
    bank.site.mend();
    expect(await mirrorOf(itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('lists the commits again if a revision cannot be read', async () => {
    const { bank, item, nextRun, run: mirroring } = await mirrorTwoItems(newTable);
    const { dependencies } = mirroring;
    const { itemsTable } = dependencies;
    await asEarlierFields(itemsTable);
    const [{ sha = '' } = {}] = (await mirrored({ dependencies }, item)).revisions;
    await putRows(itemsTable, [{ ...ITEM_KEYS.revision(item.itemBankId, 1, sha), sha: 5 }]);
    expect((await nextRun()).exit).toMatchObject(derived(2));
    expect(await mirrorOf(itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('derives nothing in a dry run, but counts what it would derive', async () => {
    const { nextRun, run: mirroring } = await mirrorTwoItems(newTable);
    const { dependencies } = mirroring;
    await asVersion2(dependencies.itemsTable);
    const mirror = await mirrorOf(dependencies.itemsTable);
    const dry = await nextRun({ options: { dryRun: true } });
    expect(dry.exit).toMatchObject(derived(2));
    expect(await mirrorOf(dependencies.itemsTable)).toEqual(mirror);
  });
});

describe('an item whose head has not changed', () => {
  it('is renamed without asking GitHub for its history or its text', async () => {
    const { bank, nextRun } = await mirrorTwoItems(newTable);
    await bank.github.rest.repos.update({ owner: 'item-bank', repo: 'item-1', name: 'item-renamed' });
    forbid(bank, HISTORIES, TEXTS);
    const night = await nextRun();
    expect(await outcomesOf(night)).toEqual({ 'item-renamed': 'updated', 'item-2': 'unchanged' });
    expect(changesOf(night)).toEqual(['ItemUpdated: run']);
  });

  it('keeps its text when another file changes', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    await commit(bank, item, { path: 'notes.md', author: onDay(2) });
    forbid(bank, TEXTS);
    expect(await outcomesOf(await nextRun())).toMatchObject({ 'item-1': 'updated' });
  });
});
