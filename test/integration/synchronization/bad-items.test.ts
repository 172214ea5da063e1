import { describe, expect, it } from 'vitest';
import { MAX_ITEM_JSON_BYTES } from '../../../functions/mirror/item-json.ts';
import type { MirrorRow } from '../../../functions/mirror/mirror-rows.ts';
import { findItems } from '../../../functions/mirror/read-mirror.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { type Bank, ORGANIZATION } from '../../support/bank.ts';
import { collect } from '../../support/collect.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { fileOfBytes, fileOfLevels } from '../../support/item-json.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { nightlyRuns } from '../../support/run.ts';
import { commit, createEmpty, onDay } from '../github/support.ts';
import { createItem, itemText, mirrored, outcomesOf, startEmptyBank, withStatus } from './support.ts';

const newTable = useDynamoDb();
const ZOE = itemText('1', { core: { metadata: { itemAuthor: 'Zo\u00eb' } } });
const FIVE_MEGABYTES = 5_000_000;

const BAD_FILES: readonly [name: string, content: string | Uint8Array, reason: string, message: string][] = [
  ['not-json', 'id: 1', 'ITEM_JSON_INVALID', 'the file is not JSON'],
  ['latin-1', Buffer.from(ZOE, 'latin1'), 'ITEM_JSON_INVALID', 'the file is not UTF-8'],
  ['utf-16', Buffer.from(`\ufeff${ZOE}`, 'utf16le'), 'ITEM_JSON_INVALID', 'the file is UTF-16, not UTF-8'],
  ['empty', '', 'ITEM_JSON_INVALID', 'the file is empty'],
  ['array', `[${itemText('1')}]`, 'ITEM_JSON_INVALID', 'the file: expected object, received array'],
  [
    'five-megabytes',
    fileOfBytes(FIVE_MEGABYTES),
    'ITEM_JSON_TOO_LARGE',
    'item.json has more than 1048576 bytes',
  ],
  [
    'ten-thousand-levels',
    fileOfLevels(10_000),
    'ITEM_JSON_INVALID',
    'the file is nested more than 100 levels deep',
  ],
  [
    'git-lfs',
    `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 4678\n`,
    'ITEM_JSON_IN_LFS',
    'the file is a Git LFS pointer: commit item.json itself, without Git LFS',
  ],
  ['no-type', '{"id":"1"}', 'ITEM_JSON_INVALID', 'type: missing or empty'],
  ['id-in-words', itemText('one'), 'ITEM_ID_NOT_NUMERIC', 'id: must consist of digits only'],
];
const BAD_ITEMS = [
  ...BAD_FILES.map(([name, _, reason, message]) => ({ name, reason, message })),
  {
    name: 'folder',
    reason: 'ITEM_JSON_MISSING',
    message: 'neither main nor a create_ branch has item.json',
  },
];

/** Replaces the files of the default branch with one entry. */
async function replaceTree(
  { github }: Bank,
  repo: string,
  entry: { path: string; content: string },
): Promise<void> {
  const place = { owner: ORGANIZATION, repo };
  const { data: main } = await github.rest.git.getRef({ ...place, ref: 'heads/main' });
  const { data: root } = await github.rest.git.createTree({
    ...place,
    tree: [{ mode: '100644', type: 'blob', ...entry }],
  });
  const { data: replacement } = await github.rest.git.createCommit({
    ...place,
    message: 'Put an entry',
    tree: root.sha,
    parents: [main.object.sha],
  });
  await github.rest.git.updateRef({ ...place, ref: 'heads/main', sha: replacement.sha });
}

/** Mirrors a bank, then makes every item.json invalid except that of the repository `good`. */
async function mirrorBadItems() {
  const bank = await startEmptyBank();
  const items = new Map<string, ListedRepository>();
  for (const name of ['good', ...BAD_ITEMS.map(({ name }) => name)]) {
    items.set(name, await createItem(bank, name));
  }
  const nextRun = nightlyRuns({ newTable, bank });
  await nextRun();
  const itemOf = (name: string): ListedRepository => {
    const item = items.get(name);
    if (item) return item;
    throw new Error(`the bank has no ${name}`);
  };
  for (const [name, content] of BAD_FILES) {
    await commit(bank, itemOf(name), { content, author: onDay(2) });
  }
  await replaceTree(bank, 'folder', { path: 'item.json/part.json', content: '{}' });
  return { bank, itemOf, nextRun };
}

describe('items that become invalid', () => {
  it('fail without affecting others, and keep their rows until they are valid again', async () => {
    const { bank, itemOf, nextRun } = await mirrorBadItems();
    const failures = BAD_ITEMS.map(({ name, reason }) => [name, reason]);
    const first = await nextRun();
    expect(await outcomesOf(first)).toEqual({ good: 'unchanged', ...Object.fromEntries(failures) });
    expect(first.exit).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringContaining('unchanged: 1, removed: 0, deferred: 0, failed: 11'),
    });
    const second = await nextRun();
    for (const { name, reason, message } of BAD_ITEMS) {
      const { item, itemJson } = await mirrored(second, itemOf(name));
      expect(itemJson).toBe(itemText('1'));
      expect(item).toMatchObject({ itemId: '1', revisionCount: 1, failure: { reason, message } });
      const [since, at] = ['2026-11-24T09:00:00.000Z', '2026-11-25T09:00:00.000Z'];
      expect(item.failure).toMatchObject({ since, at });
    }

    const content = itemText('1', withStatus('Draft'));
    await replaceTree(bank, 'folder', { path: 'item.json', content });
    for (const [name] of BAD_FILES) await commit(bank, itemOf(name), { content, author: onDay(3) });
    const repaired = await nextRun();
    expect(repaired.exit.exitMessage).toContain(
      'updated: 11, unchanged: 1, removed: 0, deferred: 0, failed: 0',
    );
    for (const { name } of BAD_ITEMS) {
      const { item } = await mirrored(repaired, itemOf(name));
      expect(item).toMatchObject({ workflowStatus: 'Draft' });
      expect(item).not.toHaveProperty('failure');
    }
  });
});

describe('a repository that never had a valid item.json', () => {
  it.each([
    ['not JSON', 'id: 1', 'ITEM_JSON_INVALID', 'the file is not JSON'],
    [
      'too large',
      fileOfBytes(MAX_ITEM_JSON_BYTES + 1),
      'ITEM_JSON_TOO_LARGE',
      'item.json has more than 1048576 bytes',
    ],
    ['missing', undefined, 'ITEM_JSON_MISSING', 'neither main nor a create_ branch has item.json'],
  ] as const)(
    'fails with its reason, and becomes an item with its first valid file: %s',
    async (_, content, reason, message) => {
      const bank = await startEmptyBank();
      await createItem(bank, 'item-2', itemText('2'));
      const item = await createEmpty(bank, 'item-1');
      await commit(bank, item, { path: 'README.md', author: onDay(1) });
      if (content !== undefined) await commit(bank, item, { content, author: onDay(2) });
      const nextRun = nightlyRuns({ newTable, bank });
      const invalid = await nextRun();
      expect(await outcomesOf(invalid)).toEqual({ 'item-1': reason, 'item-2': 'created' });
      const { item: row, revisions } = await mirrored(invalid, item);
      expect(row).toMatchObject({ repositoryName: 'item-1', version: 1, failure: { reason, message } });
      expect(row.headCommit).toBeUndefined();
      expect(revisions).toEqual([]);

      await commit(bank, item, { content: itemText('1'), author: onDay(3) });
      const valid = await nextRun();
      expect(await outcomesOf(valid)).toEqual({ 'item-1': 'created', 'item-2': 'unchanged' });
      expect((await mirrored(valid, item)).item).not.toHaveProperty('failure');
    },
  );

  it('fails with REPOSITORY_EMPTY if it has no commits', async () => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-2', itemText('2'));
    const item = await createEmpty(bank, 'item-1');
    const nextRun = nightlyRuns({ newTable, bank });
    const run = await nextRun();
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'REPOSITORY_EMPTY', 'item-2': 'created' });
    await commit(bank, item, { content: itemText('1') });
    expect(await outcomesOf(await nextRun())).toEqual({ 'item-1': 'created', 'item-2': 'unchanged' });
  });
});

describe('an unusual but valid item.json', () => {
  const rowsOf = async (content: string): Promise<MirrorRow[]> => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1', content);
    const run = await nightlyRuns({ newTable, bank })();
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'created' });
    return collect(findItems(run.dependencies.itemsTable, { repositoryName: 'item-1' }));
  };

  it('keeps an id that is too large for a JavaScript number', async () => {
    expect(await rowsOf(itemText('9007199254740993'))).toMatchObject([{ itemId: '9007199254740993' }]);
  });

  it('is not affected by keys with a special meaning in JavaScript', async () => {
    const content = itemText('1').replace('{', '{"__proto__":{"version":"iat-9","polluted":true},');
    const [row] = await rowsOf(content);
    expect(row).toMatchObject({ itemId: '1' });
    expect(row).not.toHaveProperty('itemJsonVersion');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('is stored without its byte order mark', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, 'item-1', `\ufeff${itemText('1')}`);
    const nextRun = nightlyRuns({ newTable, bank });
    const run = await nextRun();
    expect((await mirrored(run, item)).itemJson).toBe(itemText('1'));
    const mirror = await mirrorOf(run.dependencies.itemsTable);
    expect(await outcomesOf(await nextRun())).toEqual({ 'item-1': 'unchanged' });
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(mirror);
  });
});
