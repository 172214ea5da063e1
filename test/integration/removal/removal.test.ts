import { describe, expect, it } from 'vitest';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { findItems, readPartition } from '../../../functions/mirror/read-mirror.ts';
import { itemBankId } from '../../../functions/shared/contract/ids.ts';
import { putRows } from '../../../functions/shared/dynamodb.ts';
import { type Bank, hideFromListing, ORGANIZATION, startBank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { nightlyRuns, type Run } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import {
  createItem,
  freshMirrorOf,
  itemText,
  mirrored,
  mirrorTwoItems,
  outcomesOf,
} from '../synchronization/support.ts';

const newTable = useDynamoDb();
const PLACE = { owner: ORGANIZATION, repo: 'item-1' };
/** Everything may be removed: the limit has tests of its own. */
const overrides = { limitPercent: 100 };

const remove = ({ github }: Bank) => github.rest.repos.delete(PLACE);
const transfer = ({ github }: Bank) => github.rest.repos.transfer({ ...PLACE, new_owner: 'another-bank' });
const nothing = async () => {};

const removals = ({ events }: Run) => events.filter(({ type }) => type === 'ItemRemoved');

describe('an item whose repository is no longer in the bank', () => {
  it.each([
    ['deleted', 'DELETED', remove, overrides],
    ['transferred', 'TRANSFERRED', transfer, overrides],
    ['on the ignore list', 'IGNORED', nothing, { ...overrides, ignored: new Set(['item-1']) }],
  ] as const)('is removed, told of, and named with its reason: %s', async (_, reason, change, overrides) => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    await change(bank);
    const run = await night({ overrides });

    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage: expect.stringContaining('Total item bank ids: 1, '),
    });
    expect(run.exit.exitMessage).toContain('unchanged: 1, removed: 1, deferred: 0, failed: 0');
    expect(await run.items()).toMatchObject([
      { repositoryName: 'item-1', outcome: 'removed', reason, webhookFound: 'unchecked' },
      { repositoryName: 'item-2', outcome: 'unchanged' },
    ]);
    expect(removals(run)).toEqual([
      {
        type: 'ItemRemoved',
        detail: {
          itemBankId: item.itemBankId,
          repositoryName: 'item-1',
          itemId: '1',
          type: 'mc',
          version: 3,
          reason,
        },
      },
    ]);
    expect(await readPartition(run.dependencies.itemsTable, item.itemBankId)).toEqual([]);
    expect(run.log.messages()).toContain(`removed the item of item bank id 1 (item-1): ${reason}`);

    const next = await night({ overrides });
    expect(next.exit.exitMessage).toContain('unchanged: 1, removed: 0');
    expect(removals(next)).toEqual([]);
  });

  it('is taken for deleted where the token no longer sees the one that has it now', async () => {
    const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0, transferred: 'hidden' });
    await createItem(bank, 'item-1');
    const night = nightlyRuns({ newTable, bank, overrides });
    await night();
    await transfer(bank);
    expect(await outcomesOf(await night())).toEqual({ 'item-1': 'DELETED' });
  });

  it('is removed without a word where it never was a good item', async () => {
    const { bank, night } = await mirrorTwoItems(newTable);
    const bad = await createItem(bank, 'item-3', 'not JSON');
    await night();
    await bank.github.rest.repos.delete({ ...PLACE, repo: 'item-3' });
    const run = await night({ overrides });
    expect(await outcomesOf(run)).toMatchObject({ 'item-3': 'DELETED' });
    expect(removals(run)).toEqual([]);
    expect(await readPartition(run.dependencies.itemsTable, bad.itemBankId)).toEqual([]);
  });

  it('goes, and another of the same name comes, in one run', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    await remove(bank);
    const anew = await createItem(bank, 'item-1', itemText('7'));
    const run = await night({ overrides });

    expect(anew.itemBankId).not.toBe(item.itemBankId);
    expect(run.exit.exitMessage).toContain('created: 1, updated: 0, unchanged: 1, removed: 1');
    expect(await findItems(run.dependencies.itemsTable, { repositoryName: 'item-1' })).toMatchObject([
      { itemBankId: anew.itemBankId, itemId: '7' },
    ]);
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});

describe('more items than a batch holds', () => {
  it('are removed in several', async () => {
    const { item, night } = await mirrorTwoItems(newTable);
    const before = await night();
    const { itemsTable } = before.dependencies;
    const { item: row } = await mirrored(before, item);
    const gone = Array.from({ length: 101 }, (_, index) => itemBankId(1_000 + index));
    await putRows(
      itemsTable,
      gone.map((id) => ({ ...row, ...ITEM_KEYS.item(id), repositoryName: `gone-${id}` })),
    );
    const run = await night({ overrides });
    expect(run.exit.exitMessage).toContain('unchanged: 2, removed: 101, deferred: 0, failed: 0');
    expect(removals(run)).toHaveLength(101);
    expect(await mirrorOf(itemsTable)).toHaveLength(6);
  });
});

describe('an item that the listing has missed', () => {
  it('stays, is synchronized in the same run, and is counted', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    await commit(bank, item, { content: itemText('1', { version: 'iat-5' }), author: onDay(2) });
    hideFromListing(bank, 'item-1');
    const run = await night({ overrides });

    expect(await outcomesOf(run)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    expect((await mirrored(run, item)).item).toMatchObject({ itemJsonVersion: 'iat-5' });
    expect(run.exit).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage:
        'Total item bank ids: 2, number of items requiring project webhook: 0, created: 0, updated: 1, unchanged: 1, removed: 0, deferred: 0, failed: 0',
    });
    expect(run.log.messages()).toContain('1 of 2 mirrored items were not listed');
  });
});

describe('a removal that ended half-way', () => {
  const away = { publish: () => Promise.reject(new Error('the bus is away')) };

  it('is finished by the next run, and told of', async () => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    await remove(bank);
    const half = await night({ overrides: { ...overrides, ...away } });
    expect(await outcomesOf(half)).toEqual({ 'item-1': 'DELETED', 'item-2': 'unchanged' });
    expect(await readPartition(half.dependencies.itemsTable, item.itemBankId)).toMatchObject([
      { ...ITEM_KEYS.item(item.itemBankId), removal: { reason: 'DELETED' } },
    ]);

    const whole = await night({ overrides });
    expect(removals(whole)).toMatchObject([{ detail: { itemBankId: item.itemBankId } }]);
    expect(await readPartition(whole.dependencies.itemsTable, item.itemBankId)).toEqual([]);
  });

  it('and cannot be finished keeps its own item from coming back, and no other from being settled', async () => {
    const { item, night } = await mirrorTwoItems(newTable);
    await night({ overrides: { ...overrides, ...away, ignored: new Set(['item-1']) } });
    const back = await night({ overrides: away });
    expect(await outcomesOf(back)).toEqual({ 'item-1': 'CONFLICT', 'item-2': 'unchanged' });

    const whole = await night();
    expect(await outcomesOf(whole)).toEqual({ 'item-1': 'created', 'item-2': 'unchanged' });
    expect(whole.events).toMatchObject([
      { type: 'ItemRemoved', detail: { itemBankId: item.itemBankId } },
      { type: 'ItemCreated', detail: { itemBankId: item.itemBankId } },
      { type: 'SyncCompleted' },
    ]);
  });
});
