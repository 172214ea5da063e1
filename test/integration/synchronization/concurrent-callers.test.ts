import { describe, expect, it } from 'vitest';
import { synchronizeBatch } from '../../../functions/handlers/synchronize-batch.ts';
import { openMirror } from '../../../functions/mirror/mirror.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { synchronizeItems } from '../../../functions/synchronization/synchronize-items.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { beginRun, type Run } from '../../support/run.ts';
import { commit, graphqlFailure, listed, onDay } from '../github/support.ts';
import { runOnCopies, type StepSetup } from './interrupted-invocation.ts';
import {
  createItem,
  freshMirrorOf,
  HEADS,
  itemText,
  listedWithEveryOutcome,
  mirrored,
  startEmptyBank,
} from './support.ts';

const newTable = useDynamoDb();

/** Synchronizes items outside a run, as `POST /sync/{itemBankId}` does. */
async function callerWith({ dependencies }: Run) {
  const { organization, projectWebhookUrl, now } = dependencies;
  const github = { ...(await dependencies.connect()), organization, projectWebhookUrl, now };
  const mirror = openMirror(dependencies, { dryRun: false, cause: 'run' });
  return (repositories: readonly ListedRepository[]) =>
    synchronizeItems(
      { github, mirror, concurrency: 9, webhookChecks: 'all', stop: () => undefined },
      repositories,
    );
}

describe('two concurrent invocations of one batch', () => {
  it('leave the same state as one invocation', async () => {
    const { bank, run } = await listedWithEveryOutcome(newTable);
    const once: StepSetup['step'] = (dependencies, event) =>
      synchronizeBatch(dependencies, { ...event, batch: 0, workers: 10 });
    const twice: StepSetup['step'] = (dependencies, event) =>
      Promise.all([once(dependencies, event), once(dependencies, event)]);
    const effects = await runOnCopies({ newTable, bank, run, step: once });
    expect(await runOnCopies({ newTable, bank, run, step: twice })).toEqual(effects);
  });
});

describe('two callers that synchronize the same items concurrently', () => {
  it('leave the same rows as one caller, and create each item once', async () => {
    const bank = await startEmptyBank();
    for (const id of ['1', '2', '3', '4']) await createItem(bank, `item-${id}`, itemText(id));
    const run = await beginRun({ newTable, bank });
    const call = await callerWith(run);
    const repositories = await listed(bank);
    const calls = await Promise.all([call(repositories), call(repositories)]);

    for (const { itemBankId } of repositories) {
      const results = calls.flatMap(({ results }) => results);
      const outcomes = results
        .filter((result) => result.itemBankId === itemBankId)
        .map(({ outcome }) => outcome);
      expect(outcomes.sort()).toEqual(['created', 'unchanged']);
    }
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
    const unpublished = (await allRows(run.dependencies.itemsTable)).filter((row) => 'unpublished' in row);
    expect(unpublished).toEqual([]);
  });

  it('never overwrite a newer head with an older one', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, 'item-1');
    const run = await beginRun({ newTable, bank });
    const call = await callerWith(run);
    let newest = '';
    const overtake = async (answer: unknown) => {
      const content = itemText('1', { version: 'iat-5' });
      newest = (await commit(bank, item, { content, author: onDay(2) })).commit;
      expect((await call([item])).results).toMatchObject([{ outcome: 'created' }]);
      return answer;
    };
    bank.site.fail(graphqlFailure({ change: overtake }, { bodyIncludes: HEADS }));

    expect((await call([item])).results).toMatchObject([{ outcome: 'unchanged' }]);
    expect((await mirrored(run, item)).item).toMatchObject({ headCommit: newest, itemJsonVersion: 'iat-5' });
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });

  it('fail an item with CONFLICT if another caller keeps changing it', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, 'item-1');
    const run = await beginRun({ newTable, bank });
    const call = await callerWith(run);
    let day = 1;
    let isOvertaking = false;
    const overtake = async (answer: unknown) => {
      if (isOvertaking) return answer;
      isOvertaking = true;
      day += 1;
      await commit(bank, item, { content: itemText('1', { version: `iat-${day}` }), author: onDay(day) });
      await call([item]);
      isOvertaking = false;
      return answer;
    };
    bank.site.fail(graphqlFailure({ change: overtake }, { bodyIncludes: HEADS, times: Infinity }));
    expect((await call([item])).results).toMatchObject([
      { outcome: 'failed', reason: 'CONFLICT', webhookFound: 'missing' },
    ]);
    expect((await mirrored(run, item)).item).toMatchObject({ itemJsonVersion: 'iat-4' });
  });
});
