import { describe, expect, it } from 'vitest';
import { completeExecution } from '../../../functions/handlers/complete-execution.ts';
import { failExecution } from '../../../functions/handlers/fail-execution.ts';
import { EXIT_CODE_METRICS, METRICS } from '../../../functions/shared/contract/metrics.ts';
import { hooksPath, reportTotalCount, startBank } from '../../support/bank.ts';
import { HOUR_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type EndedRun, nightlyRuns, type Run } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import { mirrorItems } from '../synchronization/mirrored-bank.ts';
import { createItem, itemText, startEmptyBank, withStatus } from '../synchronization/support.ts';

const newTable = useDynamoDb();
const DAY_SECONDS = 86_400;

const fail = ({ dependencies, event: { executionArn } }: Run) =>
  failExecution(dependencies, { executionArn, error: { Error: 'GitHubUnavailable', Cause: 'no answer' } });
const valuesOf = ({ metrics }: Pick<Run, 'metrics'>) => metrics.at(-1)?.values ?? {};
const closingLines = ({ log }: EndedRun) => {
  const messages = log.messages();
  return messages.slice(messages.findIndex((message) => message.startsWith('requests: ')) + 1, -2);
};

describe('the metrics of a run', () => {
  it('are one line with all counts of a full run', async () => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1');
    await createItem(bank, 'item-2', 'not JSON');
    const run = await nightlyRuns({ newTable, bank })();
    expect(run.metrics).toHaveLength(1);
    expect(run.metrics[0]?.fields).toEqual({ run: '1', exitCode: 'COMPLETED_WITH_FAILURES', trigger: 'api' });
    expect(valuesOf(run)).toMatchObject({
      RunsCompleted: 0,
      RunsCompletedWithFailures: 1,
      RunsFailed: 0,
      FullRuns: 1,
      RunDuration: 0,
      ItemsCreated: 1,
      ItemsFailed: 1,
      ItemsUnchanged: 0,
      WebhooksCreated: 2,
      WebhooksMissing: 0,
      ChangedWithoutDelivery: 0,
      GitHubWrites: 2,
      GitHubRefusals: 0,
      OldestItemAge: 0,
      NotificationsFailed: 0,
    });
    for (const name of Object.keys(valuesOf(run))) expect(Object.keys(METRICS)).toContain(name);
  });

  it('have no counts if the run failed before its end, because absent is not zero', async () => {
    const run = await beginRun({ newTable, bank: await startEmptyBank() });
    run.clock.advance(90_000);
    await fail(run);
    expect(valuesOf(run)).toEqual({
      ...Object.fromEntries(Object.values(EXIT_CODE_METRICS).map((name) => [name, 0])),
      RunsFailed: 1,
      FullRuns: 0,
      RunDuration: 90,
      NotificationsFailed: 0,
    });
  });

  it('are not written by dry runs', async () => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1');
    expect((await nightlyRuns({ newTable, bank, options: { dryRun: true } })()).metrics).toEqual([]);
  });

  it('do not count a full run if the listing is incomplete', async () => {
    const { bank, nextRun } = await mirrorItems(newTable, 2);
    bank.site.fail(reportTotalCount(3, Infinity));
    const values = valuesOf(await nextRun());
    expect(values).toMatchObject({ RunsIncompleteListing: 1, FullRuns: 0 });
    expect(values).not.toHaveProperty('OldestItemAge');
  });

  it('do not stop a run if they cannot be written', async () => {
    const bank = await startEmptyBank();
    const emitMetrics = () => {
      throw new RangeError('too many metrics');
    };
    const run = await nightlyRuns({ newTable, bank })({ overrides: { emitMetrics } });
    expect(run.exit.exitCode).toBe('COMPLETED');
    expect(run.log.messages().at(-1)).toBe('could not write the metrics of the run');
  });
});

describe('the age of the oldest item', () => {
  it('is the duration of a run that compared every item, without reading rows', async () => {
    const { nextRun } = await mirrorItems(newTable, 2);
    const quiet = await nextRun();
    expect(valuesOf(quiet)).toMatchObject({ ItemsUnchanged: 2, OldestItemAge: 0 });
  });

  it('is the time since the first of several failures of a mirrored item', async () => {
    const { bank, item, nextRun } = await mirrorItems(newTable, 2);
    await commit(bank, item, { content: 'not JSON', author: onDay(2) });
    expect(valuesOf(await nextRun())).toMatchObject({ ItemsFailed: 1, OldestItemAge: 0 });
    expect(valuesOf(await nextRun())).toMatchObject({ OldestItemAge: DAY_SECONDS });
    expect(valuesOf(await nextRun())).toMatchObject({ OldestItemAge: 2 * DAY_SECONDS });
    await commit(bank, item, { content: itemText('1'), author: onDay(3) });
    expect(valuesOf(await nextRun())).toMatchObject({ ItemsFailed: 0, OldestItemAge: 0 });
  });

  it('is the time since the first of several deferrals', async () => {
    const { bank, nextRun } = await mirrorItems(newTable, 2);
    const { dependencies, clock } = await nextRun();
    const deferringRun = async () => {
      clock.advance(24 * HOUR_MS);
      const run = await beginRun({ newTable, bank, tables: dependencies, clock });
      await run.list();
      run.event.deadline = clock.now().toISOString();
      await run.batches();
      await run.complete();
      return valuesOf(run);
    };
    expect(await deferringRun()).toMatchObject({ ItemsDeferred: 2, OldestItemAge: 0 });
    expect(await deferringRun()).toMatchObject({ ItemsDeferred: 2, OldestItemAge: DAY_SECONDS });
  });

  it('is absent if the rows of the items cannot be read', async () => {
    const { bank, item, nextRun } = await mirrorItems(newTable, 2);
    const { dependencies, clock } = await nextRun();
    await commit(bank, item, { content: 'not JSON', author: onDay(2) });
    const run = await beginRun({ newTable, bank, tables: dependencies, clock });
    await run.list();
    await run.batches();
    // A table with other keys.
    await completeExecution({ ...run.dependencies, itemsTable: await newTable() }, run.event);
    expect(valuesOf(run)).toMatchObject({ ItemsFailed: 1 });
    expect(valuesOf(run)).not.toHaveProperty('OldestItemAge');
    expect(run.log.messages()).toContain('could not read since when items are stale');
  });

  it('ignores repositories that have never had an item', async () => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1', 'not JSON');
    const nextRun = nightlyRuns({ newTable, bank });
    await nextRun();
    expect(valuesOf(await nextRun())).toMatchObject({ ItemsFailed: 1, OldestItemAge: 0 });
  });
});

describe('the notification about a run', () => {
  it('has what SyncCompleted has', async () => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1');
    const run = await nightlyRuns({ newTable, bank })();
    expect(run.notifications).toEqual([run.events.at(-1)?.detail]);
  });

  it('is sent for runs that fail, and for dry runs', async () => {
    const bank = await startEmptyBank();
    const failing = await beginRun({ newTable, bank });
    await fail(failing);
    expect(failing.notifications).toMatchObject([{ exitCode: 'FAILED', dryRun: false }]);
    const dry = await nightlyRuns({ newTable, bank, options: { dryRun: true } })();
    expect(dry.notifications).toMatchObject([{ exitCode: 'COMPLETED', dryRun: true }]);
  });

  it('does not stop a run if it cannot be sent, but is logged and counted', async () => {
    const notify = () => Promise.reject(new Error('the topic is gone'));
    const run = await nightlyRuns({ newTable, bank: await startEmptyBank() })({ overrides: { notify } });
    expect(run.exit.exitCode).toBe('COMPLETED');
    expect(run.log.lines.at(-1)).toMatchObject({
      level: 'WARN',
      message: 'could not send the notification about the run',
    });
    expect(valuesOf(run)).toMatchObject({ NotificationsFailed: 1 });
  });
});

describe('the log of a run, before the lines of the original', () => {
  it('has no further lines if nothing changed and nothing failed', async () => {
    const { nextRun } = await mirrorItems(newTable, 2);
    expect(closingLines(await nextRun())).toEqual([]);
  });

  it('names the updated items', async () => {
    const { bank, item, nextRun } = await mirrorItems(newTable, 2);
    await commit(bank, item, { content: itemText('1', withStatus('Draft')), author: onDay(2) });
    const { itemBankId } = item;
    const dry = await nextRun({ options: { dryRun: true } });
    expect(closingLines(dry)).toEqual([`would update the item of item bank id ${itemBankId} (item-1)`]);
    expect(closingLines(await nextRun())).toEqual([
      `updated the item of item bank id ${itemBankId} (item-1)`,
    ]);
  });

  it('names 50 updated items, and counts the others', async () => {
    const bank = await startBank({ repositories: 53, withoutProjectWebhook: 0 });
    const nextRun = nightlyRuns({ newTable, bank });
    await nextRun();
    const { data } = await bank.github.rest.repos.listForOrg({ org: 'item-bank', per_page: 100 });
    for (const { id, node_id, name } of data) {
      const repository = { itemBankId: id, nodeId: node_id, repositoryName: name, archived: false };
      await commit(bank, repository as never, { content: itemText(String(id)), author: onDay(2) });
    }
    const lines = closingLines(await nextRun());
    expect(lines.filter((line) => line.startsWith('updated the item of item bank id '))).toHaveLength(50);
    expect(lines[50]).toBe('updated 3 more items');
  });

  it('counts the failures by reason, and names the first ids of each', async () => {
    const bank = await startEmptyBank();
    const ids: number[] = [];
    for (let item = 1; item <= 4; item += 1) {
      ids.push((await createItem(bank, `item-${item}`, 'not JSON')).itemBankId);
    }
    const unchecked = await createItem(bank, 'item-5', itemText('5'));
    bank.site.fail({
      method: 'GET',
      pathPrefix: hooksPath('item-5'),
      times: Infinity,
      outcome: { status: 404, body: { message: 'Not Found' } },
    });
    const run = await nightlyRuns({ newTable, bank })();
    const [line] = run.log.lines.filter(({ message }) => message.startsWith('failures: '));
    const [first, second, third] = ids.map(String).sort();
    expect(line).toMatchObject({
      level: 'WARN',
      message: `failures: 4 item bank ids failed: ITEM_JSON_INVALID 4 (${first}, ${second}, ${third}, …); 1 project webhooks failed: FORBIDDEN 1 (${unchecked.itemBankId})`,
      attributes: { failures: { failed: [{ reason: 'ITEM_JSON_INVALID', count: 4 }], deferred: [] } },
    });
  });

  it('leaves time for the other reports, because no later invocation repeats them', async () => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1', 'not JSON');
    const run = await beginRun({ newTable, bank });
    await run.list();
    await run.batches();
    await fail({ ...run, dependencies: { ...run.dependencies, remainingTimeMs: () => 9_999 } });
    expect(run.log.messages()).toContain('could not read what the run did to single items');
    expect(run.log.messages().join()).not.toContain('failures: ');
    expect(run.notifications).toMatchObject([{ exitCode: 'FAILED' }]);
    expect(valuesOf(run)).toMatchObject({ RunsFailed: 1 });
  });

  it('also counts failures if the run fails', async () => {
    const bank = await startEmptyBank();
    const { itemBankId } = await createItem(bank, 'item-1', 'not JSON');
    const run = await beginRun({ newTable, bank });
    await run.list();
    await run.batches();
    run.clock.advance(HOUR_MS);
    await fail(run);
    expect(run.log.messages()).toContain(
      `failures: 1 item bank ids failed: ITEM_JSON_INVALID 1 (${itemBankId})`,
    );
  });
});
