import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { KEYS } from '../../../functions/executions/keys.ts';
import { FORBIDDEN, hooksPath, ROUTES, startBank } from '../../support/bank.ts';
import { createClock, HOUR_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run, type RunSetup, type Tables } from '../../support/run.ts';

const newTable = useDynamoDb();
const DAY_MS = 24 * HOUR_MS;

/** A run after its listing, with the given share of webhooks to check. */
async function listedRun(setup: Omit<RunSetup, 'newTable'>, share: number): Promise<Run> {
  const run = await beginRun({ newTable, ...setup });
  await run.list();
  const { executionsTable } = run.dependencies;
  await executionsTable.client.send(
    new UpdateCommand({
      TableName: executionsTable.name,
      Key: KEYS.listing(run.event.jobExecutionId),
      UpdateExpression: 'SET webhookShare = :share',
      ExpressionAttributeValues: { ':share': share },
    }),
  );
  return run;
}

/** Performs one run per share, a day apart. @returns each run, and the repositories whose webhooks it checked. */
async function performRuns(setup: Omit<RunSetup, 'newTable'>, shares: readonly number[]) {
  const { clock = createClock() } = setup;
  let tables: Tables | undefined = setup.tables;
  const performed: { run: Run; checked: string[]; exitMessage: string }[] = [];
  for (const share of shares) {
    const run = await listedRun({ ...setup, clock, ...(tables && { tables }) }, share);
    await run.batches();
    await run.createWebhooks();
    await run.remove();
    const { exitMessage } = await run.complete();
    const checked = (await run.items()).filter(({ webhookFound }) => webhookFound !== 'unchecked');
    performed.push({ run, checked: checked.map(({ repositoryName }) => repositoryName), exitMessage });
    tables = run.dependencies;
    clock.advance(DAY_MS);
  }
  return performed;
}

describe('a run that checks a share of the webhooks', () => {
  it('checks each webhook once per rotation, and reports the rest as unchecked without a failure', async () => {
    const bank = await startBank({ repositories: 8, withoutProjectWebhook: 0 });
    const [first, second, third, fourth] = await performRuns({ bank }, [1 / 4, 1 / 4, 1 / 4, 1 / 4]);
    expect(bank.requests(ROUTES.listHooks)).toBe(8);
    const all = [first, second, third, fourth].flatMap((performed) => performed?.checked ?? []);
    expect(new Set(all).size).toBe(8);
    expect(first?.exitMessage).toMatch(/failed: 0$/);
    const unchecked = (await first?.run.items())?.filter(({ webhookFound }) => webhookFound === 'unchecked');
    expect(unchecked).toHaveLength(6);
    for (const item of unchecked ?? []) expect(item).not.toHaveProperty('webhookFailure');
  });

  it('checks missing webhooks in every run, so that each run counts them as required', async () => {
    const bank = await startBank({ repositories: 8, withoutProjectWebhook: 2 });
    const forbidden = { method: 'POST', pathPrefix: '/repos/', times: Infinity, outcome: FORBIDDEN };
    bank.site.fail(forbidden);
    const performed = await performRuns({ bank }, [1, 1 / 8, 1 / 8]);
    for (const { exitMessage } of performed) {
      expect(exitMessage).toContain('number of items requiring project webhook: 2');
      expect(exitMessage).toMatch(/project webhooks not created: 2$/);
    }
    expect(performed.map(({ checked }) => checked.length)).toEqual([8, 2, 2]);
  });

  it('makes the same choice in all its invocations', async () => {
    const clock = createClock();
    const bank = await startBank({ repositories: 12, withoutProjectWebhook: 0 });
    let timeReadings = Infinity;
    const remainingTimeMs = () => {
      timeReadings -= 1;
      return timeReadings >= 0 ? 15 * 60_000 : 0;
    };
    const run = await listedRun({ bank, clock, overrides: { remainingTimeMs } }, 1 / 2);
    // Enough for the start, the query for the one item that is being created, and three webhook checks. The first group
    // of items is synchronized in any case.
    timeReadings = 5;
    expect(await run.batch(0)).toMatchObject({ deferred: true });
    expect(bank.requests(ROUTES.listHooks)).toBe(3);
    timeReadings = Infinity;
    clock.advance(HOUR_MS);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 12 });
    expect(bank.requests(ROUTES.listHooks)).toBe(3);
    clock.advance(DAY_MS);
    await run.createWebhooks();
    await run.remove();
    await run.complete();
    const [next] = await performRuns({ bank, clock, tables: run.dependencies }, [1 / 2]);
    const checked = (await run.items()).filter(({ webhookFound }) => webhookFound !== 'unchecked');
    const checkedTwice = checked.filter(({ repositoryName }) => next?.checked.includes(repositoryName));
    expect(checkedTwice).toEqual([]);
  });

  it('prioritizes a webhook whose last check failed', async () => {
    const bank = await startBank({ repositories: 3, withoutProjectWebhook: 0 });
    const [first] = await performRuns({ bank }, [1]);
    const [name = ''] = first?.checked ?? [];
    const clock = createClock('2026-11-24T09:00:00.000Z');
    bank.site.fail({
      method: 'GET',
      pathPrefix: hooksPath(name),
      outcome: { status: 422, body: { message: 'Not now' } },
    });
    const tables = first?.run.dependencies;
    const later = await performRuns({ bank, clock, ...(tables && { tables }) }, [1, 1 / 3]);
    expect(later[0]?.exitMessage).toMatch(/project webhooks not checked: 1$/);
    expect(later[1]?.checked).toEqual([name]);
  });
});
