import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { KEYS } from '../../../functions/executions/keys.ts';
import { FORBIDDEN, hooksPath, ROUTES, startBank } from '../../support/bank.ts';
import { createClock, HOUR_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { fileOf, MINIMAL_ITEM } from '../../support/item-json.ts';
import { beginRun, type Run, type RunSetup, type Tables } from '../../support/run.ts';
import { commit, createEmpty, listed } from '../github/support.ts';

const newTable = useDynamoDb();
const DAY_MS = 24 * HOUR_MS;

/** A run after its listing, of the given classes. */
async function listedRun(setup: Omit<RunSetup, 'newTable'>, classes: readonly number[]): Promise<Run> {
  const run = await beginRun({ newTable, ...setup });
  await run.list();
  const { executionsTable } = run.dependencies;
  await executionsTable.client.send(
    new UpdateCommand({
      TableName: executionsTable.name,
      Key: KEYS.listing(run.event.jobExecutionId),
      UpdateExpression: 'SET webhookClasses = :classes',
      ExpressionAttributeValues: { ':classes': classes },
    }),
  );
  return run;
}

/** Performs one run for each set of classes, a day apart. @returns what each checked. */
async function performRuns(
  { bank, ...setup }: Omit<RunSetup, 'newTable'>,
  nights: readonly (readonly number[])[],
) {
  const { clock = createClock() } = setup;
  let tables: Tables | undefined = setup.tables;
  const performed: { run: Run; checked: string[]; exitMessage: string }[] = [];
  const asked: string[] = [];
  bank.github.hook.before('request', ({ method, url, ['repo']: repository }) => {
    if (method === 'GET' && url.endsWith('/hooks')) asked.push(String(repository));
  });
  for (const classes of nights) {
    const run = await listedRun({ bank, ...setup, clock, ...(tables && { tables }) }, classes);
    await run.batches();
    const checked = asked.splice(0);
    await run.createWebhooks();
    await run.remove();
    const { exitMessage } = await run.complete();
    asked.length = 0;
    performed.push({ run, checked, exitMessage });
    tables = run.dependencies;
    clock.advance(DAY_MS);
  }
  return performed;
}

const ALL = [0, 1, 2, 3, 4, 5, 6];

describe('a run that checks a part of the webhooks', () => {
  it('checks each webhook once in seven runs, and counts the others as unchecked without a failure', async () => {
    const bank = await startBank({ repositories: 14, withoutProjectWebhook: 0 });
    const nights = [ALL, ...ALL.map((each) => [each])];
    const [first, ...others] = await performRuns({ bank }, nights);
    expect(first?.checked).toHaveLength(14);
    const checked = others.flatMap((night) => night.checked);
    expect(checked.toSorted()).toEqual(first?.checked.toSorted());
    for (const { run, exitMessage } of others) {
      expect(exitMessage).toContain('unchanged: 14');
      expect(exitMessage).toMatch(/failed: 0$/);
      expect(await run.items()).toEqual([]);
    }
  });

  it('checks missing webhooks in every run, so that each run counts them as required', async () => {
    const bank = await startBank({ repositories: 8, withoutProjectWebhook: 2 });
    const forbidden = { method: 'POST', pathPrefix: '/repos/', times: Infinity, outcome: FORBIDDEN };
    bank.site.fail(forbidden);
    const performed = await performRuns({ bank }, [ALL, [], []]);
    for (const { exitMessage } of performed) {
      expect(exitMessage).toContain('number of items requiring project webhook: 2');
      expect(exitMessage).toMatch(/project webhooks not created: 2$/);
    }
    expect(performed.map(({ checked }) => checked.length)).toEqual([8, 2, 2]);
  });

  it('checks the webhook of a new repository, and of an item that has changed', async () => {
    const bank = await startBank({ repositories: 13, withoutProjectWebhook: 0 });
    const [first] = await performRuns({ bank }, [ALL]);
    const [changed] = await listed(bank);
    if (!first || !changed) throw new Error('the bank is not empty');
    await createEmpty(bank, 'new-item');
    await commit(bank, changed, { content: fileOf({ ...MINIMAL_ITEM, title: 'changed' }) });
    const { clock, dependencies: tables } = first.run;
    const [second, third] = await performRuns({ bank, tables, clock }, [[], []]);
    expect(second?.checked.toSorted()).toEqual([changed.repositoryName, 'new-item'].toSorted());
    expect(third?.checked).toEqual([]);
  });

  it('checks no additional ones in later invocations for the same batch', async () => {
    const bank = await startBank({ repositories: 14, withoutProjectWebhook: 0 });
    let timeReadings = Infinity;
    const remainingTimeMs = () => {
      timeReadings -= 1;
      return timeReadings >= 0 ? 15 * 60_000 : 0;
    };
    const run = await listedRun({ bank, overrides: { remainingTimeMs } }, [0, 1, 2]);
    // Enough for the start, the query for items that are being created, and three webhook checks. The first group of items is synchronized in any case.
    timeReadings = 5;
    expect(await run.batch(0)).toMatchObject({ deferred: true });
    expect(bank.requests(ROUTES.listHooks)).toBe(3);
    timeReadings = Infinity;
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 14 });
    expect(bank.requests(ROUTES.listHooks)).toBeLessThanOrEqual(6 + 2);
  });

  it('prioritizes a webhook whose last check failed', async () => {
    const bank = await startBank({ repositories: 3, withoutProjectWebhook: 0 });
    const [first] = await performRuns({ bank }, [ALL]);
    const [name = ''] = first?.checked ?? [];
    const clock = createClock('2026-11-24T09:00:00.000Z');
    bank.site.fail({
      method: 'GET',
      pathPrefix: hooksPath(name),
      outcome: { status: 422, body: { message: 'Not now' } },
    });
    const tables = first?.run.dependencies;
    const later = await performRuns({ bank, clock, ...(tables && { tables }) }, [ALL, [], []]);
    expect(later[0]?.exitMessage).toMatch(/project webhooks not checked: 1$/);
    expect(later[1]?.checked).toEqual([name]);
    expect(later[2]?.checked).toEqual([]);
  });
});
