import { describe, expect, it } from 'vitest';
import { failExecution } from '../../../functions/handlers/fail-execution.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, nightlyRuns, type Run } from '../../support/run.ts';
import { commit, onDay } from '../github/support.ts';
import { mirrorTwoItems } from '../synchronization/mirrored-bank.ts';
import { createItem, itemText, mirrored, startEmptyBank } from '../synchronization/support.ts';

const newTable = useDynamoDb();
const UNREACHABLE_BUS = { publish: () => Promise.reject(new Error('the bus is unreachable')) };

const typesOf = ({ events }: Run): string[] => events.map(({ type }) => type);
const warningsOf = ({ log }: Run) => log.lines.filter(({ level }) => level === 'WARN');

describe('a run publishes', () => {
  it('ItemCreated once for each created item, and SyncCompleted at the end', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, 'item-1');
    await createItem(bank, 'item-2', itemText('2'));
    await createItem(bank, 'item-3', 'not JSON');
    const run = await nightlyRuns({ newTable, bank })();

    const { headCommit } = (await mirrored(run, item)).item;
    const detail = { itemId: '1', type: 'mc', version: 1, cause: 'run', headCommit };
    expect(run.events).toHaveLength(3);
    expect(run.events).toContainEqual({
      type: 'ItemCreated',
      detail: { itemBankId: item.itemBankId, repositoryName: 'item-1', ...detail },
    });
    expect(run.events.at(-1)).toMatchObject({ type: 'SyncCompleted', detail: run.exit });
    expect(typesOf(run)).toEqual(['ItemCreated', 'ItemCreated', 'SyncCompleted']);
  });

  it('ItemUpdated for changed items only', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    await commit(bank, item, { content: itemText('1', { version: 'iat-5' }), author: onDay(2) });
    const run = await nextRun();
    expect(typesOf(run)).toEqual(['ItemUpdated', 'SyncCompleted']);
    const { itemBankId } = item;
    expect(run.events[0]).toMatchObject({ detail: { itemBankId, version: 3, cause: 'run' } });
    expect(typesOf(await nextRun())).toEqual(['SyncCompleted']);
  });

  it('no change event for an item whose item.json became invalid', async () => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    await commit(bank, item, { content: 'not JSON', author: onDay(2) });
    expect(typesOf(await nextRun())).toEqual(['SyncCompleted']);
  });

  it('SyncCompleted once when it fails', async () => {
    const bank = await startEmptyBank();
    const run = await beginRun({ newTable, bank });
    const { executionArn } = run.event;
    await failExecution(run.dependencies, {
      executionArn,
      error: { Error: 'GitHubUnavailable', Cause: 'no answer' },
    });
    await failExecution(run.dependencies, {
      executionArn,
      error: { Error: 'GitHubUnavailable', Cause: 'no answer' },
    });
    expect(run.events).toEqual([
      {
        type: 'SyncCompleted',
        detail: {
          jobExecutionId: run.event.jobExecutionId,
          status: 'FAILED',
          exitCode: 'FAILED',
          exitMessage: 'GitHubUnavailable: no answer',
          trigger: 'api',
          dryRun: false,
          startTime: '2026-11-23T09:00:00.000Z',
          endTime: '2026-11-23T09:00:00.000Z',
          durationSeconds: 0,
        },
      },
    ]);
  });

  it('SyncCompleted with all counts as numbers', async () => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1');
    await createItem(bank, 'item-2', 'not JSON');
    const run = await nightlyRuns({ newTable, bank })();
    const detail = run.events.at(-1)?.detail;
    expect(detail).toMatchObject({
      durationSeconds: 0,
      counts: {
        total: 2,
        outcomes: { created: 1, updated: 0, derived: 0, unchanged: 0, removed: 0, deferred: 0, failed: 1 },
        webhooks: { present: 0, missing: 0, created: 2, archived: 0 },
        requiringProjectWebhook: 2,
        changedWithoutDelivery: 0,
        itemsWithFieldIssues: 0,
      },
      requests: { writes: 2, refused: 0 },
    });
  });

  it('no events when it is a dry run, whether it completes or fails', async () => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1');
    const nextRun = nightlyRuns({ newTable, bank, options: { dryRun: true } });
    const { dependencies, clock, events } = await nextRun();
    expect(events).toEqual([]);
    const failing = await beginRun({
      newTable,
      bank,
      tables: dependencies,
      clock,
      options: { dryRun: true },
    });
    const { executionArn } = failing.event;
    await failExecution(failing.dependencies, { executionArn, error: { Error: 'E', Cause: 'c' } });
    expect(failing.events).toEqual([]);
  });
});

describe('when the event bus is unreachable', () => {
  it('a run completes with warnings and the next run publishes the events', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, 'item-1');
    const nextRun = nightlyRuns({ newTable, bank });
    const unpublished = await nextRun({ overrides: UNREACHABLE_BUS });
    expect(unpublished.exit).toMatchObject({ exitCode: 'COMPLETED' });
    expect(warningsOf(unpublished)).toMatchObject([
      { message: 'could not publish changes; they are published when their items are synchronized again' },
      { message: 'could not publish SyncCompleted' },
    ]);
    expect((await mirrored(unpublished, item)).item).toMatchObject({ unpublished: 'ItemCreated' });

    const next = await nextRun();
    expect(typesOf(next)).toEqual(['ItemCreated', 'SyncCompleted']);
    expect(next.exit.exitMessage).toContain('unchanged: 1');
    expect((await mirrored(next, item)).item).not.toHaveProperty('unpublished');
    expect(typesOf(await nextRun())).toEqual(['SyncCompleted']);
  });

  it('an item that is created and then changed is later published as ItemCreated', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, 'item-1');
    const nextRun = nightlyRuns({ newTable, bank });
    await nextRun({ overrides: UNREACHABLE_BUS });
    await commit(bank, item, { content: itemText('1', { version: 'iat-5' }), author: onDay(2) });
    const next = await nextRun();
    expect((await next.items())[0]).toMatchObject({ outcome: 'updated' });
    expect(typesOf(next)).toEqual(['ItemCreated', 'SyncCompleted']);
  });
});
