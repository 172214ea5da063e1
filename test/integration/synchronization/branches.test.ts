import { describe, expect, it } from 'vitest';
import { ORGANIZATION } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { nightlyRuns } from '../../support/run.ts';
import { commit, createEmpty, onDay } from '../github/support.ts';
import { mirrorTwoItems } from './mirrored-bank.ts';
import { freshMirrorOf, itemText, mirrored, outcomesOf, startEmptyBank, withStatus } from './support.ts';

const newTable = useDynamoDb();
const PLACE = { owner: ORGANIZATION, repo: 'item-1' };
const DRAFT = itemText('1', withStatus('Draft'));
const REVIEWED = itemText('1', withStatus('ContentReview'));

describe('a force-pushed branch', () => {
  it('loses revisions when it moves back, and regains them when it moves forward again', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const { commit: draft } = await commit(bank, item, { content: DRAFT, author: onDay(2) });
    const { commit: reviewed } = await commit(bank, item, { content: REVIEWED, author: onDay(3) });
    const before = await nextRun();
    const mirror = await mirrorOf(before.dependencies.itemsTable);
    const forcePush = async (sha: string) => {
      await bank.github.rest.git.updateRef({ ...PLACE, ref: 'heads/main', sha, force: true });
      return nextRun();
    };

    const movedBack = await forcePush(draft);
    expect(await outcomesOf(movedBack)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    expect(await mirrored(movedBack, item)).toMatchObject({
      item: { headCommit: draft, workflowStatus: 'Draft', revisionCount: 2, updatedAt: onDay(2).date },
      itemJson: DRAFT,
      revisions: [{}, { sha: draft }],
    });
    expect(await mirrorOf(movedBack.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));

    const movedForward = await forcePush(reviewed);
    expect(await outcomesOf(movedForward)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    expect(await mirrorOf(movedForward.dependencies.itemsTable)).toEqual(mirror);
  });
});

describe('a merged branch', () => {
  it('adds its revisions to the item', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const { commit: onBranch } = await commit(bank, item, {
      branch: 'revise',
      content: REVIEWED,
      author: onDay(2),
    });
    await commit(bank, item, { path: 'notes.md', author: onDay(3) });
    const before = await nextRun();
    expect((await mirrored(before, item)).item).toMatchObject({ revisionCount: 1 });

    await bank.github.rest.repos.merge({ ...PLACE, base: 'main', head: 'revise' });
    const after = await nextRun();
    expect(await outcomesOf(after)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    const { item: row, revisions } = await mirrored(after, item);
    expect(row).toMatchObject({ branch: 'main', workflowStatus: 'ContentReview' });
    expect(revisions.map(({ sha }) => sha)).toContain(onBranch);
    expect(await mirrorOf(after.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('is followed until the merge if the item was created on it, and main is followed afterwards', async () => {
    const bank = await startEmptyBank();
    const item = await createEmpty(bank, 'item-1');
    await commit(bank, item, { path: 'README.md', author: onDay(1) });
    await commit(bank, item, { branch: 'create_greta', content: DRAFT, author: onDay(2) });
    const nextRun = nightlyRuns({ newTable, bank });
    const created = await nextRun();
    expect(await outcomesOf(created)).toEqual({ 'item-1': 'created' });
    expect((await mirrored(created, item)).item).toMatchObject({
      branch: 'create_greta',
      isBeingCreated: true,
    });

    await bank.github.rest.repos.merge({ ...PLACE, base: 'main', head: 'create_greta' });
    const merged = await nextRun();
    expect(await outcomesOf(merged)).toEqual({ 'item-1': 'updated' });
    expect((await mirrored(merged, item)).item).toMatchObject({
      branch: 'main',
      isBeingCreated: false,
      workflowStatus: 'Draft',
    });
    expect(await mirrorOf(merged.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});

describe('a deleted item.json', () => {
  it('fails the item and keeps its rows until the file is restored', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const { data } = await bank.github.rest.repos.getContent({ ...PLACE, path: 'item.json' });
    const sha = Array.isArray(data) ? '' : data.sha;
    const deletion = { ...PLACE, path: 'item.json', message: 'Delete the item', sha };
    await bank.github.rest.repos.deleteFile({ ...deletion, committer: onDay(2), author: onDay(2) });
    const deleted = await nextRun();
    expect(await outcomesOf(deleted)).toEqual({ 'item-1': 'ITEM_JSON_MISSING', 'item-2': 'unchanged' });
    expect(await mirrored(deleted, item)).toMatchObject({
      item: { itemId: '1', revisionCount: 1, failure: { reason: 'ITEM_JSON_MISSING' } },
      itemJson: itemText('1'),
    });

    await commit(bank, item, { content: DRAFT, author: onDay(3) });
    const restored = await nextRun();
    expect(await outcomesOf(restored)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    const { item: row, revisions } = await mirrored(restored, item);
    expect(row).not.toHaveProperty('failure');
    expect(row).toMatchObject({ workflowStatus: 'Draft', createdAt: onDay(1).date, revisionCount: 3 });
    expect(revisions.map(({ workflowStatus }) => workflowStatus)).toEqual([undefined, undefined, 'Draft']);
    expect(await mirrorOf(restored.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});
