import { describe, expect, it } from 'vitest';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import type { Bank } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { newTables, nightlyRuns, type Run } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import { openItemsApi } from '../handlers/support.ts';
import { createItem, itemText, mirrored, startEmptyBank } from './support.ts';

const newTable = useDynamoDb();

const named = ({ itemBankId, repositoryName }: ListedRepository) =>
  `item bank id ${itemBankId} (${repositoryName})`;
const warning = (item: ListedRepository, outcome: string, ...others: ListedRepository[]) =>
  `${named(item)}: ${outcome}. The same item id is used by ${others.map(named).join(', ')}`;
const warningsOf = ({ log }: Run) =>
  log.lines
    .filter(({ level }) => level === 'WARN')
    .map(({ message }) => message.replace(/, webhook \w+/, ''))
    .sort();

async function startBankWith(...items: [name: string, id: string][]) {
  const bank = await startEmptyBank();
  const created: ListedRepository[] = [];
  for (const [name, id] of items) created.push(await createItem(bank, name, itemText(id)));
  return { bank, items: created, nextRun: nightlyRuns({ newTable, bank }) };
}

const changeId = (bank: Bank, item: ListedRepository, content: string) =>
  commit(bank, item, { content, author: onDay(2) });

describe('two repositories with the same item id', () => {
  it('are both mirrored, and each is reported with the other one if a run creates both', async () => {
    const { items, nextRun } = await startBankWith(['item-1', '7'], ['item-2', '7'], ['item-3', '8']);
    const [first, second] = items as [ListedRepository, ListedRepository];
    const run = await nextRun();
    expect(warningsOf(run)).toEqual(
      [warning(first, 'created', second), warning(second, 'created', first)].sort(),
    );
    for (const item of [first, second])
      expect((await mirrored(run, item)).item).toMatchObject({ itemId: '7' });
    expect(run.exit).toMatchObject({ exitCode: 'COMPLETED' });
    const { itemBankId, repositoryName } = second;
    expect((await run.items())[0]).toMatchObject({ sameItemId: [{ itemBankId, repositoryName }] });
  });

  it('are reported once, when the second one is created', async () => {
    const { bank, items, nextRun } = await startBankWith(['item-1', '7']);
    const [first] = items as [ListedRepository];
    expect(warningsOf(await nextRun())).toEqual([]);
    const second = await createItem(bank, 'item-2', itemText('7'));
    expect(warningsOf(await nextRun())).toEqual([warning(second, 'created', first)]);
    expect(warningsOf(await nextRun())).toEqual([]);
  });

  it('are reported when one of them gets the item id of the other, but not at a later change', async () => {
    const { bank, items, nextRun } = await startBankWith(['item-1', '7'], ['item-2', '8']);
    const [first, second] = items as [ListedRepository, ListedRepository];
    expect(warningsOf(await nextRun())).toEqual([]);
    await changeId(bank, second, itemText('7'));
    expect(warningsOf(await nextRun())).toEqual([warning(second, 'updated', first)]);
    await changeId(bank, second, itemText('7', { version: 'iat-5' }));
    expect(warningsOf(await nextRun())).toEqual([]);
  });

  it('are reported by a dry run', async () => {
    const { bank, items, nextRun } = await startBankWith(['item-1', '7']);
    const [first] = items as [ListedRepository];
    await nextRun();
    const second = await createItem(bank, 'item-2', itemText('7'));
    expect(warningsOf(await nextRun({ options: { dryRun: true } }))).toEqual([
      warning(second, 'created', first),
    ]);
  });

  it('are reported when one of them is synchronized alone', async () => {
    const { bank, items } = await startBankWith(['item-1', '7'], ['item-2', '7']);
    const [first, second] = items as [ListedRepository, ListedRepository];
    const api = openItemsApi(bank, await newTables(newTable));
    await api.sync(first.itemBankId);
    await api.sync(second.itemBankId);
    expect(api.log.lines).toMatchObject([
      { level: 'INFO' },
      { level: 'WARN', message: `${named(second)}: created. The same item id is used by ${named(first)}` },
    ]);
  });
});
