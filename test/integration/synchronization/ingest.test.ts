import { describe, expect, it } from 'vitest';
import { findItems } from '../../../functions/mirror/read-mirror.ts';
import { ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { nightlyRuns } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import {
  createItem,
  freshMirrorOf,
  itemText,
  mirrored,
  mirrorTwoItems,
  outcomesOf,
  startEmptyBank,
  withStatus,
} from './support.ts';

const newTable = useDynamoDb();
const PLACE = { owner: ORGANIZATION, repo: 'item-1' };

describe('a bank that does not change', () => {
  it('is mirrored by the first run, and found unchanged by the second', async () => {
    const bank = await startBank({ repositories: 5, withoutProjectWebhook: 0 });
    const night = nightlyRuns({ newTable, bank });
    const first = await night();
    expect(first.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining('created: 5, updated: 0, unchanged: 0'),
    });
    const mirror = await mirrorOf(first.dependencies.itemsTable);

    const second = await night();
    expect(second.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining('created: 0, updated: 0, unchanged: 5'),
    });
    expect(await mirrorOf(second.dependencies.itemsTable)).toEqual(mirror);
    for (const { revisions } of await second.items()) expect(revisions).toBeUndefined();
  });

  it('is found so by as few requests as it takes', async () => {
    const bank = await startBank({ repositories: 5, withoutProjectWebhook: 0 });
    const night = nightlyRuns({ newTable, bank });
    await night();
    const before = new Map(bank.site.traffic.requests);
    await night();
    const asked = [...bank.site.traffic.requests].map(
      ([route, requests]) => [route, requests - (before.get(route) ?? 0)] as const,
    );
    expect(Object.fromEntries(asked)).toEqual({
      [ROUTES.listing]: 1,
      // The number of repositories before and after the listing, and the heads.
      [ROUTES.graphql]: 3,
      [ROUTES.listHooks]: 5,
      [ROUTES.organization]: 1,
    });
  });
});

describe('an item whose repository changed', () => {
  it('by a commit has one more revision', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    const content = itemText('1', { version: 'iat-5' });
    const { commit: headCommit, blob: blobOid } = await commit(bank, item, { content, author: onDay(2) });
    const run = await night();

    expect(await outcomesOf(run)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    expect((await run.items())[0]).toMatchObject({ revisions: 1 });
    const { item: row, itemJson, revisions } = await mirrored(run, item);
    expect(row).toMatchObject({ headCommit, blobOid, itemJsonVersion: 'iat-5', revisionCount: 2 });
    expect(itemJson).toBe(content);
    expect(revisions.map(({ authoredAt }) => authoredAt)).toEqual([onDay(1).date, onDay(2).date]);
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('by a commit of another file follows the head, and has no more revisions', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    const { commit: headCommit } = await commit(bank, item, { path: 'notes.md', author: onDay(2) });
    const run = await night();

    expect(await outcomesOf(run)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    expect((await run.items())[0]?.revisions).toBeUndefined();
    expect((await mirrored(run, item)).item).toMatchObject({ headCommit, revisionCount: 1 });
    expect(await outcomesOf(await night())).toEqual({ 'item-1': 'unchanged', 'item-2': 'unchanged' });
  });

  it('by its name is found under the new one alone', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    await bank.github.rest.repos.update({ ...PLACE, name: 'item-renamed' });
    const run = await night();

    expect(await outcomesOf(run)).toEqual({ 'item-renamed': 'updated', 'item-2': 'unchanged' });
    const { itemsTable } = run.dependencies;
    expect(await findItems(itemsTable, { repositoryName: 'item-renamed' })).toMatchObject([
      { itemBankId: item.itemBankId, itemId: '1' },
    ]);
    expect(await findItems(itemsTable, { repositoryName: 'item-1' })).toEqual([]);
  });

  it('by being archived is archived', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    await bank.github.rest.repos.update({ ...PLACE, archived: true });
    const run = await night();

    expect((await run.items())[0]).toMatchObject({ outcome: 'updated', webhookFound: 'archived' });
    expect((await mirrored(run, item)).item).toMatchObject({ archived: true, itemId: '1' });
    expect(run.exit).toMatchObject({ exitCode: 'COMPLETED' });
  });
});

describe('the workflow status of an item', () => {
  it('is the present one, since the commit that set it last', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    const statuses = ['Draft', 'ContentReview', 'ContentReview', 'Draft'];
    for (const [index, status] of statuses.entries()) {
      const content = itemText('1', { ...withStatus(status), version: `iat-${index}` });
      await commit(bank, item, { content, author: onDay(index + 2) });
    }
    const run = await night();
    const { item: row, revisions } = await mirrored(run, item);
    expect(row).toMatchObject({ workflowStatus: 'Draft', workflowStatusSetAt: onDay(5).date });
    expect(revisions.map(({ workflowStatus }) => workflowStatus)).toEqual([undefined, ...statuses]);
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('is dated as if it had been followed from the start, however late a run sees it', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    for (const [day, version] of [
      [2, 'iat-4'],
      [3, 'iat-5'],
    ] as const) {
      const content = itemText('1', { ...withStatus('Draft'), version });
      await commit(bank, item, { content, author: onDay(day) });
      const { item: row } = await mirrored(await night(), item);
      expect(row).toMatchObject({ workflowStatus: 'Draft', workflowStatusSetAt: onDay(2).date });
    }
  });
});

describe('a stimulus', () => {
  const STIMULUS = itemText('9', { type: 'stim' });
  const ASKING = itemText('1', { core: { stimulusId: '9' } });

  it.each([
    ['before the items that ask about it', ['stimulus', 'item']],
    ['after them', ['item', 'stimulus']],
  ])('may come %s: they are found by its id', async (_, order) => {
    const bank = await startEmptyBank();
    const night = nightlyRuns({ newTable, bank });
    for (const name of order) {
      await createItem(bank, name, name === 'item' ? ASKING : STIMULUS);
      expect(await outcomesOf(await night())).toMatchObject({ [name]: 'created' });
    }
    const { itemsTable } = (await night()).dependencies;
    expect(await findItems(itemsTable, { stimulusId: '9' })).toMatchObject([{ repositoryName: 'item' }]);
    expect(await findItems(itemsTable, { itemId: '9' })).toMatchObject([
      { repositoryName: 'stimulus', type: 'stim' },
    ]);
  });
});
