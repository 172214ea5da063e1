import { describe, expect, it } from 'vitest';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { findItems, readPartition } from '../../../functions/mirror/read-mirror.ts';
import { itemBankId } from '../../../functions/shared/contract/ids.ts';
import { putRows } from '../../../functions/shared/dynamodb.ts';
import { type Bank, hideFromListing, ORGANIZATION, startBank } from '../../support/bank.ts';
import { collect } from '../../support/collect.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { nightlyRuns, type Run } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import { mirrorTwoItems } from '../synchronization/mirrored-bank.ts';
import { createItem, freshMirrorOf, itemText, mirrored, outcomesOf } from '../synchronization/support.ts';
import { runBeforeRemoval } from './support.ts';

const newTable = useDynamoDb();
const PLACE = { owner: ORGANIZATION, repo: 'item-1' };
/** Turns off the removal limit, which has its own tests. */
const overrides = { limitPercent: 100 };

const deleteRepository = ({ github }: Bank) => github.rest.repos.delete(PLACE);
const transferRepository = ({ github }: Bank) =>
  github.rest.repos.transfer({ ...PLACE, new_owner: 'another-bank' });
const leaveRepository = async () => {};

const removalEvents = ({ events }: Run) => events.filter(({ type }) => type === 'ItemRemoved');

describe('an item whose repository is no longer in the bank', () => {
  it.each([
    ['deleted', 'DELETED', deleteRepository, overrides],
    ['transferred', 'TRANSFERRED', transferRepository, overrides],
    ['on the ignore list', 'IGNORED', leaveRepository, { ...overrides, ignored: new Set(['item-1']) }],
  ] as const)(
    'is removed, published as an event and recorded with its reason: %s',
    async (_, reason, change, overrides) => {
      const { bank, item, nextRun } = await mirrorTwoItems(newTable);
      await change(bank);
      const run = await nextRun({ overrides });

      expect(run.exit).toMatchObject({
        exitCode: 'COMPLETED',
        exitMessage: expect.stringContaining('Total item bank ids: 1, '),
      });
      expect(run.exit.exitMessage).toContain('unchanged: 1, removed: 1, deferred: 0, failed: 0');
      expect(await run.items()).toMatchObject([
        { repositoryName: 'item-1', outcome: 'removed', reason, webhookFound: 'unchecked' },
      ]);
      expect(removalEvents(run)).toEqual([
        {
          type: 'ItemRemoved',
          detail: {
            itemBankId: item.itemBankId,
            repositoryName: 'item-1',
            itemId: '1',
            type: 'mc',
            version: 4,
            cause: 'run',
            reason,
          },
        },
      ]);
      expect(await readPartition(run.dependencies.itemsTable, item.itemBankId)).toEqual([]);
      expect(run.log.messages()).toContain(`removed the item of item bank id 1 (item-1): ${reason}`);

      const next = await nextRun({ overrides });
      expect(next.exit.exitMessage).toContain('unchanged: 1, removed: 0');
      expect(removalEvents(next)).toEqual([]);
    },
  );

  it('counts as deleted if it was transferred to an owner that the token cannot see', async () => {
    const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0, transferred: 'hidden' });
    await createItem(bank, 'item-1');
    const nextRun = nightlyRuns({ newTable, bank, overrides });
    await nextRun();
    await transferRepository(bank);
    expect(await outcomesOf(await nextRun())).toEqual({ 'item-1': 'DELETED' });
  });

  it('is removed without an event if it never had a valid item.json', async () => {
    const { bank, nextRun } = await mirrorTwoItems(newTable);
    const invalid = await createItem(bank, 'item-3', 'not JSON');
    await nextRun();
    await bank.github.rest.repos.delete({ ...PLACE, repo: 'item-3' });
    const run = await nextRun({ overrides });
    expect(await outcomesOf(run)).toMatchObject({ 'item-3': 'DELETED' });
    expect(removalEvents(run)).toEqual([]);
    expect(await readPartition(run.dependencies.itemsTable, invalid.itemBankId)).toEqual([]);
  });

  it('is replaced in the same run by a new repository with the same name', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    await deleteRepository(bank);
    const replacement = await createItem(bank, 'item-1', itemText('7'));
    const run = await nextRun({ overrides });

    expect(replacement.itemBankId).not.toBe(item.itemBankId);
    expect(run.exit.exitMessage).toContain('created: 1, updated: 0, unchanged: 1, removed: 1');
    expect(await collect(findItems(run.dependencies.itemsTable, { repositoryName: 'item-1' }))).toMatchObject(
      [{ itemBankId: replacement.itemBankId, itemId: '7' }],
    );
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});

describe('removal candidates beyond one batch', () => {
  it('are removed in further batches', async () => {
    const { item, nextRun } = await mirrorTwoItems(newTable);
    const before = await nextRun();
    const { itemsTable } = before.dependencies;
    const { item: row } = await mirrored(before, item);
    const removedIds = Array.from({ length: 101 }, (_, index) => itemBankId(1_000 + index));
    await putRows(
      itemsTable,
      removedIds.map((id) => ({ ...row, ...ITEM_KEYS.item(id), repositoryName: `gone-${id}` })),
    );
    const run = await nextRun({ overrides });
    expect(run.exit.exitMessage).toContain('unchanged: 2, removed: 101, deferred: 0, failed: 0');
    expect(removalEvents(run)).toHaveLength(101);
    expect(await mirrorOf(itemsTable)).toHaveLength(6);
  });
});

describe('an item that the listing missed', () => {
  it('is kept, synchronized in the same run, and counted', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    await commit(bank, item, { content: itemText('1', { version: 'iat-5' }), author: onDay(2) });
    hideFromListing(bank, 'item-1');
    const run = await nextRun({ overrides });

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

describe('a removal interrupted before its event is published', () => {
  const BUS_DOWN = { publish: () => Promise.reject(new Error('the event bus is unavailable')) };

  it('is finished and published by the next run', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    await deleteRepository(bank);
    const interrupted = await nextRun({ overrides: { ...overrides, ...BUS_DOWN } });
    expect(await outcomesOf(interrupted)).toEqual({ 'item-1': 'DELETED', 'item-2': 'unchanged' });
    expect(await readPartition(interrupted.dependencies.itemsTable, item.itemBankId)).toMatchObject([
      { ...ITEM_KEYS.item(item.itemBankId), removal: { reason: 'DELETED' } },
    ]);

    const finished = await nextRun({ overrides });
    expect(removalEvents(finished)).toMatchObject([{ detail: { itemBankId: item.itemBankId } }]);
    expect(await readPartition(finished.dependencies.itemsTable, item.itemBankId)).toEqual([]);
  });

  it('blocks the return of its own item, but no other item, until it is finished', async () => {
    const { item, nextRun } = await mirrorTwoItems(newTable);
    await nextRun({ overrides: { ...overrides, ...BUS_DOWN, ignored: new Set(['item-1']) } });
    const blocked = await nextRun({ overrides: BUS_DOWN });
    expect(await outcomesOf(blocked)).toEqual({ 'item-1': 'CONFLICT', 'item-2': 'unchanged' });

    const finished = await nextRun();
    expect(await outcomesOf(finished)).toEqual({ 'item-1': 'created', 'item-2': 'unchanged' });
    expect(finished.events).toMatchObject([
      { type: 'ItemRemoved', detail: { itemBankId: item.itemBankId } },
      { type: 'ItemCreated', detail: { itemBankId: item.itemBankId } },
      { type: 'SyncCompleted' },
    ]);
  });
});

describe('a removal during which the table rejects a request about another item', () => {
  it('is recorded, although the step fails', async () => {
    const { run } = await runBeforeRemoval(
      newTable,
      { items: 3, deleted: [1, 2] },
      { overrides: { limitPercent: 100 } },
    );
    const { client } = run.dependencies.itemsTable;
    client.middlewareStack.add(
      (next) => (request) => {
        const input = JSON.stringify(request.input);
        const isTombstone = input.includes('"itemBankId":2,') && input.includes('":removal":{');
        if (isTombstone) throw new Error('the table rejects the item');
        return next(request);
      },
      { step: 'initialize', name: 'rejectSecond' },
    );
    await expect(run.remove()).rejects.toThrow('the table rejects the item');
    expect(await run.items()).toMatchObject([{ repositoryName: 'item-1', outcome: 'removed' }]);

    client.middlewareStack.remove('rejectSecond');
    await run.remove();
    expect(await run.items()).toMatchObject([
      { repositoryName: 'item-1', outcome: 'removed' },
      { repositoryName: 'item-2', outcome: 'removed' },
    ]);
    expect((await run.complete()).exitMessage).toContain('removed: 2');
  });
});
