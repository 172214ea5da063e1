import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { deleteRows, getRow, putRows } from '../../../functions/shared/dynamodb.ts';
import { type Bank, requestsTo, startBank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { asEarlierFields, asVersion2 } from '../../support/earlier-release.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { type EndedRun, nightlyRuns } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import {
  createItem,
  freshMirrorOf,
  HISTORIES,
  itemText,
  mirrored,
  mirrorTwoItems,
  outcomesOf,
  startEmptyBank,
  TEXTS,
  withStatus,
} from './support.ts';

const newTable = useDynamoDb();

/** From now on, GitHub fails each query with such a text in it. A run that sends none is not disturbed. */
function forbid({ site }: Bank, ...texts: readonly string[]): void {
  for (const bodyIncludes of texts) {
    const outcome = { status: 200, body: { data: null, errors: [{ message: 'not expected' }] } };
    site.fail({ method: 'POST', pathPrefix: '/graphql', bodyIncludes, times: Infinity, outcome });
  }
}

const changesOf = ({ events }: EndedRun) =>
  events.flatMap(({ type, detail }) => ('cause' in detail ? [`${type}: ${detail.cause}`] : []));

const derived = (count: number) => ({
  exitCode: 'COMPLETED',
  exitMessage: expect.stringContaining(`derived: ${count}`),
});

describe('the first run of a release that reads items differently', () => {
  const REPOSITORIES = 75;

  async function nights(makeEarlier: typeof asVersion2) {
    const bank = await startBank({ repositories: REPOSITORIES, withoutProjectWebhook: 0 });
    const nextRun = nightlyRuns({ newTable, bank });
    await nextRun();
    const requestsOf = async () => {
      const before = requestsTo(bank.site);
      const night = await nextRun();
      return { night, requests: requestsTo(bank.site) - before };
    };
    const quiet = await requestsOf();
    const { itemsTable } = quiet.night.dependencies;
    await makeEarlier(itemsTable);
    forbid(bank, TEXTS);
    const first = await requestsOf();
    bank.site.mend();
    return { bank, quiet, first, itemsTable, next: await requestsOf() };
  }

  it.each([
    ['needs more of each commit than is stored', asVersion2, Math.ceil(REPOSITORIES / 25) + 1],
    ['has all of each commit', asEarlierFields, 0],
  ])('asks GitHub for no version of item.json, if it %s', async (_, makeEarlier, histories) => {
    const { bank, quiet, first, itemsTable, next } = await nights(makeEarlier);
    expect(first.night.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining('created: 0, updated: 0, unchanged: 0,'),
    });
    expect(first.night.exit.exitMessage).toContain(`derived: ${REPOSITORIES}`);
    expect(new Set(changesOf(first.night))).toEqual(new Set(['ItemUpdated: release']));
    expect(changesOf(first.night)).toHaveLength(REPOSITORIES);
    // The heads of each batch that was written are read again.
    expect(first.requests).toBeLessThanOrEqual(quiet.requests + histories + 2);
    expect(first.requests).toBeLessThanOrEqual(1.1 * quiet.requests);
    expect(await mirrorOf(itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
    expect(await first.night.items()).toEqual([]);
    expect(next.night.exit.exitMessage).toContain(`unchanged: ${REPOSITORIES}`);
    expect(next.requests).toBe(quiet.requests);
  });

  it('tells a change of the bank in the same night from what the release changes', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const { dependencies } = await nextRun();
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
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const { dependencies } = await nextRun();
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
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const { dependencies } = await nextRun();
    const { itemsTable } = dependencies;
    await asEarlierFields(itemsTable);
    const [{ sha = '' } = {}] = (await mirrored({ dependencies }, item)).revisions;
    await putRows(itemsTable, [{ ...ITEM_KEYS.revision(item.itemBankId, 1, sha), sha: 5 }]);
    expect((await nextRun()).exit).toMatchObject(derived(2));
    expect(await mirrorOf(itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('derives nothing in a dry run, but counts what it would derive', async () => {
    const { nextRun } = await mirrorTwoItems(newTable);
    const { dependencies } = await nextRun();
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
