import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { ITEM_KEYS, SCHEMA_VERSION } from '../../../functions/mirror/mirror-rows.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { type EndedRun, nightlyRuns, type Run } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import { createItem, freshMirrorOf, itemText, mirrored, outcomesOf, startEmptyBank } from './support.ts';

const newTable = useDynamoDb();
const SECRET = 'confidential';
const UNREADABLE = itemText('1', { version: [SECRET], core: { stimulusId: '9', metadata: SECRET } });
const ISSUES = [
  { field: 'core.metadata', received: 'string', expected: 'object' },
  { field: 'version', received: 'array', expected: 'text of at most 500 characters' },
];

const countsOf = async ({ dependencies, event }: Run) =>
  (await readExecution(dependencies.executionsTable, event.jobExecutionId))?.counts;
const warningsOf = ({ log }: Run) => log.lines.filter(({ level }) => level === 'WARN');

/** Mirrors a bank of two items. Two fields of item-1 cannot be read. */
async function mirrorUnreadable() {
  const bank = await startEmptyBank();
  const item = await createItem(bank, 'item-1', UNREADABLE);
  await createItem(bank, 'item-2', itemText('2'));
  const nextRun = nightlyRuns({ newTable, bank });
  return { bank, item, nextRun, first: await nextRun() };
}

async function expectOneItemWithIssues(run: EndedRun): Promise<void> {
  expect(await countsOf(run)).toMatchObject({ itemsWithFieldIssues: 1, failed: 0 });
  expect(run.exit).toMatchObject({
    exitCode: 'COMPLETED',
    exitMessage: expect.stringMatching(/failed: 0, items with unreadable fields: 1$/),
  });
}

describe('an item with fields that cannot be read', () => {
  it('is mirrored without them, and counted and reported without its values', async () => {
    const { item, first } = await mirrorUnreadable();
    expect(await outcomesOf(first)).toEqual({ 'item-1': 'created', 'item-2': 'created' });
    const { item: row, itemJson } = await mirrored(first, item);
    expect(row).toMatchObject({ itemId: '1', stimulusId: '9', fieldIssues: ISSUES });
    expect(row).not.toHaveProperty('itemJsonVersion');
    expect(itemJson).toBe(UNREADABLE);
    await expectOneItemWithIssues(first);
    expect(await first.items()).toMatchObject([{ fieldIssues: ISSUES }, { repositoryName: 'item-2' }]);
    expect(warningsOf(first)).toMatchObject([
      {
        message: `item bank id ${item.itemBankId} (item-1): created, webhook missing. Unreadable fields of item.json were left out: core.metadata (expected object, received string), version (expected text of at most 500 characters, received array)`,
      },
    ]);
    expect(JSON.stringify(first.log.lines)).not.toContain(SECRET);
  });

  it('is counted in every run, and reported again only when it is written', async () => {
    const { bank, item, nextRun } = await mirrorUnreadable();
    const second = await nextRun();
    expect(await outcomesOf(second)).toEqual({ 'item-1': 'unchanged', 'item-2': 'unchanged' });
    await expectOneItemWithIssues(second);
    expect((await mirrored(second, item)).item).toMatchObject({ fieldIssues: ISSUES });
    expect(warningsOf(second)).toEqual([]);

    await commit(bank, item, { content: itemText('1', { version: 'iat-5' }), author: onDay(2) });
    const corrected = await nextRun();
    expect((await mirrored(corrected, item)).item).not.toHaveProperty('fieldIssues');
    expect(await countsOf(corrected)).toMatchObject({ updated: 1, itemsWithFieldIssues: 0 });
    expect(corrected.exit.exitMessage).not.toContain('unreadable');
  });

  it('is counted by a dry run, which writes nothing', async () => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1', UNREADABLE);
    const run = await nightlyRuns({ newTable, bank })({ options: { dryRun: true } });
    expect(await countsOf(run)).toMatchObject({ created: 1, itemsWithFieldIssues: 1 });
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual([]);
  });
});

describe('an item that an earlier release has written', () => {
  it('is derived again, although the bank has not changed', async () => {
    const { bank, item, nextRun, first } = await mirrorUnreadable();
    const { itemsTable } = first.dependencies;
    await itemsTable.client.send(
      new UpdateCommand({
        TableName: itemsTable.name,
        Key: ITEM_KEYS.item(item.itemBankId),
        UpdateExpression: 'SET schemaVersion = :earlier REMOVE fieldIssues, stimulusId',
        ExpressionAttributeValues: { ':earlier': SCHEMA_VERSION - 1 },
      }),
    );
    expect((await nextRun()).exit.exitMessage).toContain('unchanged: 1,');
    expect(await mirrorOf(itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
    expect(await outcomesOf(await nextRun())).toEqual({ 'item-1': 'unchanged', 'item-2': 'unchanged' });
  });
});
