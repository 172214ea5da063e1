import { describe, expect, it } from 'vitest';
import { findItems } from '../../../functions/mirror/read-mirror.ts';
import { ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { collect } from '../../support/collect.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { nightlyRuns } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import { mirrorTwoItems } from './mirrored-bank.ts';
import {
  createItem,
  freshMirrorOf,
  itemText,
  mirrored,
  outcomesOf,
  startEmptyBank,
  withStatus,
} from './support.ts';

const newTable = useDynamoDb();
const PLACE = { owner: ORGANIZATION, repo: 'item-1' };

describe('a bank that does not change', () => {
  it('is mirrored by the first run and unchanged in the second', async () => {
    const bank = await startBank({ repositories: 5, withoutProjectWebhook: 0 });
    const nextRun = nightlyRuns({ newTable, bank });
    const first = await nextRun();
    expect(first.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining('created: 5, updated: 0, unchanged: 0'),
    });
    const mirror = await mirrorOf(first.dependencies.itemsTable);

    const second = await nextRun();
    expect(second.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining('created: 0, updated: 0, unchanged: 5'),
    });
    expect(await mirrorOf(second.dependencies.itemsTable)).toEqual(mirror);
    for (const { revisions } of await second.items()) expect(revisions).toBeUndefined();
  });

  it('is synchronized with the minimum of requests', async () => {
    const bank = await startBank({ repositories: 5, withoutProjectWebhook: 0 });
    const nextRun = nightlyRuns({ newTable, bank });
    await nextRun();
    const before = new Map(bank.site.traffic.requests);
    await nextRun();
    const sent = [...bank.site.traffic.requests].map(
      ([route, requests]) => [route, requests - (before.get(route) ?? 0)] as const,
    );
    expect(Object.fromEntries(sent)).toEqual({
      [ROUTES.listing]: 1,
      // One query counts the repositories before the listing, one counts them after it, and one reads the heads.
      [ROUTES.graphql]: 3,
      [ROUTES.listHooks]: 5,
    });
  });
});

describe('the history of an item', () => {
  it('dates the item by its committers, and names the authors', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const author = { name: 'Jane Roe', email: 'jane@example.org', date: onDay(1).date };
    const content = itemText('1', withStatus('Operational'));
    await commit(bank, item, { content, author, committer: onDay(4) });
    const { item: row, revisions } = await mirrored(await nextRun(), item);
    expect(row).toMatchObject({
      createdBy: 'Greta Lindqvist',
      createdByLogin: 'glindqvist',
      updatedAt: onDay(4).date,
      updatedBy: 'Jane Roe',
      workflowStatusSetAt: onDay(4).date,
      operationalSince: onDay(4).date,
    });
    expect(row).not.toHaveProperty('updatedByLogin');
    expect(revisions.at(-1)).toMatchObject({ authoredAt: onDay(1).date, committedAt: onDay(4).date });
  });
});

describe('the mirror of an item', () => {
  it('gains a revision after a commit of item.json', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const content = itemText('1', { version: 'iat-5' });
    const { commit: headCommit, blob: blobOid } = await commit(bank, item, { content, author: onDay(2) });
    const run = await nextRun();

    expect(await outcomesOf(run)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    expect((await run.items())[0]).toMatchObject({ revisions: 1 });
    const { item: row, itemJson, revisions } = await mirrored(run, item);
    expect(row).toMatchObject({ headCommit, blobOid, itemJsonVersion: 'iat-5', revisionCount: 2 });
    expect(itemJson).toBe(content);
    expect(revisions.map(({ authoredAt }) => authoredAt)).toEqual([onDay(1).date, onDay(2).date]);
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('follows the head after a commit of another file, but gains no revision', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const { commit: headCommit } = await commit(bank, item, { path: 'notes.md', author: onDay(2) });
    const run = await nextRun();

    expect(await outcomesOf(run)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    expect((await run.items())[0]?.revisions).toBeUndefined();
    expect((await mirrored(run, item)).item).toMatchObject({ headCommit, revisionCount: 1 });
    expect(await outcomesOf(await nextRun())).toEqual({ 'item-1': 'unchanged', 'item-2': 'unchanged' });
  });

  it('is found only under the new name after the repository was renamed', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    await bank.github.rest.repos.update({ ...PLACE, name: 'item-renamed' });
    const run = await nextRun();

    expect(await outcomesOf(run)).toEqual({ 'item-renamed': 'updated', 'item-2': 'unchanged' });
    const { itemsTable } = run.dependencies;
    expect(await collect(findItems(itemsTable, { repositoryName: 'item-renamed' }))).toMatchObject([
      { itemBankId: item.itemBankId, itemId: '1' },
    ]);
    expect(await collect(findItems(itemsTable, { repositoryName: 'item-1' }))).toEqual([]);
  });

  it('is marked as archived after the repository was archived', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    await bank.github.rest.repos.update({ ...PLACE, archived: true });
    const run = await nextRun();

    expect((await run.items())[0]).toMatchObject({ outcome: 'updated', webhookFound: 'archived' });
    expect((await mirrored(run, item)).item).toMatchObject({ archived: true, itemId: '1' });
    expect(run.exit).toMatchObject({ exitCode: 'COMPLETED' });
  });
});

describe('the workflow status of an item', () => {
  it('is the latest one, dated by the commit that set it', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const statuses = ['Draft', 'ContentReview', 'ContentReview', 'Draft'];
    for (const [index, status] of statuses.entries()) {
      const content = itemText('1', { ...withStatus(status), version: `iat-${index}` });
      await commit(bank, item, { content, author: onDay(index + 2) });
    }
    const run = await nextRun();
    const { item: row, revisions } = await mirrored(run, item);
    expect(row).toMatchObject({ workflowStatus: 'Draft', workflowStatusSetAt: onDay(5).date });
    expect(revisions.map(({ workflowStatus }) => workflowStatus)).toEqual([undefined, ...statuses]);
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('keeps the date of the commit that set it when later commits do not change it', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    for (const [day, version] of [
      [2, 'iat-4'],
      [3, 'iat-5'],
    ] as const) {
      const content = itemText('1', { ...withStatus('Draft'), version });
      await commit(bank, item, { content, author: onDay(day) });
      const { item: row } = await mirrored(await nextRun(), item);
      expect(row).toMatchObject({ workflowStatus: 'Draft', workflowStatusSetAt: onDay(2).date });
    }
  });
});

describe('a stimulus', () => {
  const STIMULUS = itemText('9', { type: 'stim' });
  const REFERENCING_ITEM = itemText('1', { core: { stimulusId: '9' } });

  it.each([
    ['before', ['stimulus', 'item']],
    ['after', ['item', 'stimulus']],
  ])('may be added %s the items that refer to it, which are found by its id', async (_, order) => {
    const bank = await startEmptyBank();
    const nextRun = nightlyRuns({ newTable, bank });
    for (const name of order) {
      await createItem(bank, name, name === 'item' ? REFERENCING_ITEM : STIMULUS);
      expect(await outcomesOf(await nextRun())).toMatchObject({ [name]: 'created' });
    }
    const { itemsTable } = (await nextRun()).dependencies;
    expect(await collect(findItems(itemsTable, { stimulusId: '9' }))).toMatchObject([
      { repositoryName: 'item' },
    ]);
    expect(await collect(findItems(itemsTable, { itemId: '9' }))).toMatchObject([
      { repositoryName: 'stimulus', type: 'stim' },
    ]);
  });
});
