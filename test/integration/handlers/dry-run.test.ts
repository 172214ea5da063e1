import { describe, expect, it } from 'vitest';
import { readExecution } from '../../../functions/executions/job-execution.ts';
import { readState } from '../../../functions/executions/lock.ts';
import { type Bank, hideFromListing, ORGANIZATION } from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, nightlyRuns, type Run } from '../../support/run.ts';
import { commit, createEmpty, onDay } from '../github/support.ts';
import { createItem, itemText, outcomesOf, startEmptyBank, withStatus } from '../synchronization/support.ts';

const newTable = useDynamoDb();
const DRY = { options: { dryRun: true } };
const overrides = { limitPercent: 100, ignored: new Set(['item-9']) };

/** A mirror, and a bank with every kind of change since. */
async function startChangedBank() {
  const bank = await startEmptyBank();
  const place = (repo: string) => ({ owner: ORGANIZATION, repo });
  const repositories = [];
  for (let id = 1; id <= 9; id += 1) {
    repositories.push(await createItem(bank, `item-${id}`, itemText(String(id))));
  }
  const night = nightlyRuns({ newTable, bank });
  const { dependencies: tables, clock } = await night();
  const [changed, bad, missed] = repositories;
  if (!changed || !bad || !missed) throw new Error('The bank has nine.');

  await commit(bank, changed, { content: itemText('1', withStatus('Draft')), author: onDay(2) });
  await commit(bank, bad, { content: 'not JSON', author: onDay(2) });
  hideFromListing(bank, missed.repositoryName);
  await bank.github.rest.repos.update({ ...place('item-4'), name: 'item-renamed' });
  await bank.github.rest.repos.update({ ...place('item-5'), archived: true });
  await bank.github.rest.repos.delete(place('item-6'));
  await bank.github.rest.repos.transfer({ ...place('item-7'), new_owner: 'another-bank' });
  await createItem(bank, 'item-10', itemText('10'));
  await createEmpty(bank, 'item-11');
  return { bank, tables, clock };
}

/** Whatever was sent to change something; GraphQL is asked by POST too. */
function writesTo({ site }: Bank): number {
  const writes = [...site.traffic.requests].filter(([route]) => !/^GET |^POST \/graphql$/.test(route));
  return writes.reduce((sum, [, requests]) => sum + requests, 0);
}

/** What became of each id, without how the run left its webhook: a dry run creates none. */
async function resultsOf(run: Run) {
  const items = await run.items();
  return items.map(
    ({ pk: _pk, expiresAt: _at, durationMs: _ms, githubRequestId: _id, webhookLeft: _, ...result }) => result,
  );
}

describe('a dry run', () => {
  it('says what the run after it does, and writes nothing', async () => {
    const { bank, tables, clock } = await startChangedBank();
    const before = { mirror: await allRows(tables.itemsTable), writes: writesTo(bank) };
    const dry = await beginRun({ newTable, bank, tables, clock, overrides, ...DRY });
    const dryExit = await dry.all();
    expect(await allRows(tables.itemsTable)).toEqual(before.mirror);
    expect(writesTo(bank)).toBe(before.writes);
    expect(dry.events).toEqual([]);

    const wet = await beginRun({ newTable, bank, tables, clock, overrides });
    const wetExit = await wet.all();
    expect(await resultsOf(wet)).toEqual(await resultsOf(dry));
    expect(wetExit.exitMessage).toBe(dryExit.exitMessage.replace(', dry run: nothing was written', ''));
    expect(writesTo(bank)).toBeGreaterThan(before.writes);
    expect(await allRows(tables.itemsTable)).not.toEqual(before.mirror);
  });

  it('meets every kind of change', async () => {
    const { bank, tables, clock } = await startChangedBank();
    const dry = await beginRun({ newTable, bank, tables, clock, overrides, ...DRY });
    expect(await dry.all()).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage:
        'Total item bank ids: 8, number of items requiring project webhook: 2, created: 1, updated: 3, unchanged: 2, removed: 3, deferred: 0, failed: 2, dry run: nothing was written',
    });
    expect(await outcomesOf(dry)).toEqual({
      'item-1': 'updated',
      'item-2': 'ITEM_JSON_INVALID',
      'item-3': 'unchanged',
      'item-renamed': 'updated',
      'item-5': 'updated',
      'item-6': 'DELETED',
      'item-7': 'TRANSFERRED',
      'item-8': 'unchanged',
      'item-9': 'IGNORED',
      'item-10': 'created',
      'item-11': 'REPOSITORY_EMPTY',
    });
  });

  it('says what the limit would stop', async () => {
    const { bank, tables, clock } = await startChangedBank();
    const strict = { ...overrides, limitPercent: 33 };
    const dry = await beginRun({ newTable, bank, tables, clock, overrides: strict, ...DRY });
    expect((await dry.all()).exitMessage).toMatch(
      /removed: 0, .*, dry run: nothing was written, removal stopped: 3 of 9 items would be removed, more than 33 percent$/,
    );
  });

  it('has a record of its own, which says that it was one, and gives the lock back', async () => {
    const bank = await startEmptyBank();
    const dry = await nightlyRuns({ newTable, bank })(DRY);
    const { executionsTable } = dry.dependencies;
    expect(await readExecution(executionsTable, dry.event.jobExecutionId)).toMatchObject({
      status: 'COMPLETED',
      options: { dryRun: true },
      counts: { total: 0 },
    });
    expect((await readState(executionsTable)).active).toBeUndefined();
  });
});
