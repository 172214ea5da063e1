import { describe, expect, it } from 'vitest';
import { ORGANIZATION } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { beginRun } from '../../support/run.ts';
import { commit, graphqlFailure, onDay } from '../github/support.ts';
import { mirrorTwoItems } from './mirrored-bank.ts';
import { freshMirrorOf, itemText, mirrored, outcomesOf, withStatus } from './support.ts';

const newTable = useDynamoDb();
const HEADS = { bodyIncludes: 'nodes(ids: $ids)' };

/** Two mirrored items. GitHub's next answer about their heads is the one from before a force push was reverted. */
async function bankWithRevertedPush() {
  const { bank, item, nextRun } = await mirrorTwoItems(newTable);
  const { dependencies: tables, clock } = await nextRun();
  const before = (await mirrored({ dependencies: tables }, item)).item.headCommit ?? '';
  await commit(bank, item, { content: itemText('1', withStatus('Draft')), author: onDay(2) });
  let pushed: unknown;
  const remember = (answer: unknown): unknown => {
    pushed = answer;
    return answer;
  };
  bank.site.fail(graphqlFailure({ change: remember }, HEADS));
  const dry = await beginRun({ newTable, bank, tables, clock, options: { dryRun: true } });
  await dry.all();
  await bank.github.rest.git.updateRef({
    owner: ORGANIZATION,
    repo: 'item-1',
    ref: 'heads/main',
    sha: before,
    force: true,
  });
  bank.site.fail(graphqlFailure({ change: () => pushed }, HEADS));
  return { bank, item, nextRun };
}

describe('an item that was written from a head that is no longer there', () => {
  it('is written again from the head that is', async () => {
    const { bank, nextRun } = await bankWithRevertedPush();
    const run = await nextRun();
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'updated', 'item-2': 'unchanged' });
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
    expect((await nextRun()).exit.exitMessage).toContain('updated: 0, unchanged: 2');
  });

  it('is left to a later run, and marked, if its head changes each time', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    let count = 0;
    const move = (answer: unknown): unknown => {
      count += 1;
      return JSON.parse(JSON.stringify(answer).replace('"main"', `"main-${count}"`));
    };
    bank.site.fail(graphqlFailure({ change: move }, { ...HEADS, times: Infinity }));
    const run = await nextRun();
    expect(await outcomesOf(run)).toMatchObject({ 'item-1': 'CONFLICT' });
    expect((await mirrored(run, item)).item).toHaveProperty('deferredAt');
    bank.site.mend();
    const next = await nextRun();
    expect(await outcomesOf(next)).toMatchObject({ 'item-1': 'updated' });
    expect((await mirrored(next, item)).item).not.toHaveProperty('deferredAt');
    expect(await mirrorOf(next.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});
