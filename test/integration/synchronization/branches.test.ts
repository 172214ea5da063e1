import { describe, expect, it } from 'vitest';
import { ORGANIZATION } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { nightlyRuns } from '../../support/run.ts';
import { commit, createEmpty, onDay } from '../github/support.ts';
import {
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
const DRAFT = itemText('1', withStatus('Draft'));
const REVIEWED = itemText('1', withStatus('ContentReview'));

describe('a branch that is forced', () => {
  it('back and forth loses the revisions, and has them again', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    const { commit: draft } = await commit(bank, item, { content: DRAFT, author: onDay(2) });
    const { commit: reviewed } = await commit(bank, item, { content: REVIEWED, author: onDay(3) });
    const before = await night();
    const mirror = await mirrorOf(before.dependencies.itemsTable);
    const force = async (sha: string) => {
      await bank.github.rest.git.updateRef({ ...PLACE, ref: 'heads/main', sha, force: true });
      return night();
    };

    const back = await force(draft);
    expect(await outcomesOf(back)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    expect(await mirrored(back, item)).toMatchObject({
      item: { headCommit: draft, workflowStatus: 'Draft', revisionCount: 2, updatedAt: onDay(2).date },
      itemJson: DRAFT,
      revisions: [{}, { sha: draft }],
    });
    expect(await mirrorOf(back.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));

    const forth = await force(reviewed);
    expect(await outcomesOf(forth)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    expect(await mirrorOf(forth.dependencies.itemsTable)).toEqual(mirror);
  });
});

describe('a branch that is merged', () => {
  it('brings its revisions with it', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    const { commit: beside } = await commit(bank, item, {
      branch: 'revise',
      content: REVIEWED,
      author: onDay(2),
    });
    await commit(bank, item, { path: 'notes.md', author: onDay(3) });
    const before = await night();
    expect((await mirrored(before, item)).item).toMatchObject({ revisionCount: 1 });

    await bank.github.rest.repos.merge({ ...PLACE, base: 'main', head: 'revise' });
    const after = await night();
    expect(await outcomesOf(after)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    const { item: row, revisions } = await mirrored(after, item);
    expect(row).toMatchObject({ branch: 'main', workflowStatus: 'ContentReview' });
    expect(revisions.map(({ sha }) => sha)).toContain(beside);
    expect(await mirrorOf(after.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('and on which an item was made is followed until then, and main from there on', async () => {
    const bank = await startEmptyBank();
    const item = await createEmpty(bank, 'item-1');
    await commit(bank, item, { path: 'README.md', author: onDay(1) });
    await commit(bank, item, { branch: 'create_greta', content: DRAFT, author: onDay(2) });
    const night = nightlyRuns({ newTable, bank });
    const made = await night();
    expect(await outcomesOf(made)).toEqual({ 'item-1': 'created' });
    expect((await mirrored(made, item)).item).toMatchObject({
      branch: 'create_greta',
      isBeingCreated: true,
    });

    await bank.github.rest.repos.merge({ ...PLACE, base: 'main', head: 'create_greta' });
    const merged = await night();
    expect(await outcomesOf(merged)).toEqual({ 'item-1': 'updated' });
    expect((await mirrored(merged, item)).item).toMatchObject({
      branch: 'main',
      isBeingCreated: false,
      workflowStatus: 'Draft',
    });
    expect(await mirrorOf(merged.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});

describe('an item.json that is deleted', () => {
  it('leaves the item as it was, until it is there again', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    const { data } = await bank.github.rest.repos.getContent({ ...PLACE, path: 'item.json' });
    const sha = Array.isArray(data) ? '' : data.sha;
    const deletion = { ...PLACE, path: 'item.json', message: 'Delete the item', sha };
    await bank.github.rest.repos.deleteFile({ ...deletion, committer: onDay(2), author: onDay(2) });
    const gone = await night();
    expect(await outcomesOf(gone)).toEqual({ 'item-1': 'ITEM_JSON_MISSING', 'item-2': 'unchanged' });
    expect(await mirrored(gone, item)).toMatchObject({
      item: { itemId: '1', revisionCount: 1, failure: { reason: 'ITEM_JSON_MISSING' } },
      itemJson: itemText('1'),
    });

    await commit(bank, item, { content: DRAFT, author: onDay(3) });
    const back = await night();
    expect(await outcomesOf(back)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    const { item: row, revisions } = await mirrored(back, item);
    expect(row).not.toHaveProperty('failure');
    expect(row).toMatchObject({ workflowStatus: 'Draft', createdAt: onDay(1).date, revisionCount: 3 });
    expect(revisions.map(({ workflowStatus }) => workflowStatus)).toEqual([undefined, undefined, 'Draft']);
    expect(await mirrorOf(back.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});
