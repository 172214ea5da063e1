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

/** Mirrors a bank and then makes every kind of change to the bank. */
async function startChangedBank() {
  const bank = await startEmptyBank();
  const place = (repo: string) => ({ owner: ORGANIZATION, repo });
  const repositories = [];
  for (let id = 1; id <= 9; id += 1) {
    repositories.push(await createItem(bank, `item-${id}`, itemText(String(id))));
  }
  const nextRun = nightlyRuns({ newTable, bank });
  const { dependencies: tables, clock } = await nextRun();
  const [changed, bad, missed] = repositories;
  if (!changed || !bad || !missed) throw new Error('the bank should have nine items');

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

/** Counts the requests that write. GraphQL queries are sent by POST too but only read. */
function writesTo({ site }: Bank): number {
  const writes = [...site.traffic.requests].filter(([route]) => !/^GET |^POST \/graphql$/.test(route));
  return writes.reduce((sum, [, requests]) => sum + requests, 0);
}

/** The outcome rows without what differs because a dry run creates no webhooks and judges no deliveries. */
async function outcomeRowsOf(run: Run) {
  const items = await run.items();
  return items.map(
    ({
      pk: _pk,
      expiresAt: _at,
      durationMs: _ms,
      githubRequestId: _id,
      webhookLeft: _,
      delivery: _d,
      ...result
    }) => result,
  );
}

describe('a dry run', () => {
  it('reports the same outcomes as the real run after it and writes nothing', async () => {
    const { bank, tables, clock } = await startChangedBank();
    const before = { mirror: await allRows(tables.itemsTable), writes: writesTo(bank) };
    const dry = await beginRun({ newTable, bank, tables, clock, overrides, ...DRY });
    const dryExit = await dry.all();
    expect(await allRows(tables.itemsTable)).toEqual(before.mirror);
    expect(writesTo(bank)).toBe(before.writes);
    expect(dry.events).toEqual([]);

    const real = await beginRun({ newTable, bank, tables, clock, overrides });
    const realExit = await real.all();
    expect(await outcomeRowsOf(real)).toEqual(await outcomeRowsOf(dry));
    expect(realExit.exitMessage).toBe(dryExit.exitMessage.replace(', dry run: nothing was written', ''));
    expect(writesTo(bank)).toBeGreaterThan(before.writes);
    expect(await allRows(tables.itemsTable)).not.toEqual(before.mirror);
  });

  it('reports every kind of change', async () => {
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

  it('reports that the removal limit would stop the removal', async () => {
    const { bank, tables, clock } = await startChangedBank();
    const strict = { ...overrides, limitPercent: 33 };
    const dry = await beginRun({ newTable, bank, tables, clock, overrides: strict, ...DRY });
    expect((await dry.all()).exitMessage).toMatch(
      /removed: 0, .*, dry run: nothing was written, removal stopped: 3 of 9 items would be removed, more than 33 percent$/,
    );
  });

  it('has its own record, marked as a dry run, and releases the lock', async () => {
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
