import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { KEYS } from '../../../functions/executions/keys.ts';
import { FORBIDDEN, hooksPath, ROUTES, startBank } from '../../support/bank.ts';
import { createClock, HOUR_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run, type RunSetup, type Tables } from '../../support/run.ts';

const newTable = useDynamoDb();
const DAY_MS = 24 * HOUR_MS;

/** A run that looks at so large a part of the webhooks. */
async function listed(setup: Omit<RunSetup, 'newTable'>, share: number): Promise<Run> {
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

/** So many nights after another, and the names whose webhooks each looked at. */
async function nights(setup: Omit<RunSetup, 'newTable'>, shares: readonly number[]) {
  const { clock = createClock() } = setup;
  let tables: Tables | undefined = setup.tables;
  const seen: { run: Run; looked: string[]; exitMessage: string }[] = [];
  for (const share of shares) {
    const run = await listed({ ...setup, clock, ...(tables && { tables }) }, share);
    await run.batches();
    await run.createWebhooks();
    await run.remove();
    const { exitMessage } = await run.complete();
    const looked = (await run.items()).filter(({ webhookFound }) => webhookFound !== 'unchecked');
    seen.push({ run, looked: looked.map(({ repositoryName }) => repositoryName), exitMessage });
    tables = run.dependencies;
    clock.advance(DAY_MS);
  }
  return seen;
}

describe('a run that looks at a part of the webhooks', () => {
  it('meets each in its turn, and says of the others that they were not looked at', async () => {
    const bank = await startBank({ repositories: 8, withoutProjectWebhook: 0 });
    const [first, second, third, fourth] = await nights({ bank }, [1 / 4, 1 / 4, 1 / 4, 1 / 4]);
    expect(bank.requests(ROUTES.listHooks)).toBe(8);
    const all = [first, second, third, fourth].flatMap((night) => night?.looked ?? []);
    expect(new Set(all).size).toBe(8);
    expect(first?.exitMessage).toMatch(/failed: 0$/);
    const unlooked = (await first?.run.items())?.filter(({ webhookFound }) => webhookFound === 'unchecked');
    expect(unlooked).toHaveLength(6);
    for (const item of unlooked ?? []) expect(item).not.toHaveProperty('webhookFailure');
  });

  it('looks at those known to lack it whatever the share, so that they are counted every night', async () => {
    const bank = await startBank({ repositories: 8, withoutProjectWebhook: 2 });
    const forbidden = { method: 'POST', pathPrefix: '/repos/', times: Infinity, outcome: FORBIDDEN };
    bank.site.fail(forbidden);
    const seen = await nights({ bank }, [1, 1 / 8, 1 / 8]);
    for (const { exitMessage } of seen) {
      expect(exitMessage).toContain('number of items requiring project webhook: 2');
      expect(exitMessage).toMatch(/project webhooks not created: 2$/);
    }
    expect(seen.map(({ looked }) => looked.length)).toEqual([8, 2, 2]);
  });

  it('makes one choice for all its invocations', async () => {
    const clock = createClock();
    const bank = await startBank({ repositories: 12, withoutProjectWebhook: 0 });
    let left = Infinity;
    const remainingTimeMs = () => {
      left -= 1;
      return left >= 0 ? 15 * 60_000 : 0;
    };
    const run = await listed({ bank, clock, overrides: { remainingTimeMs } }, 1 / 2);
    // The work itself, and three looks. One group is settled whatever the time.
    left = 4;
    expect(await run.batch(0)).toMatchObject({ deferred: true });
    expect(bank.requests(ROUTES.listHooks)).toBe(3);
    left = Infinity;
    clock.advance(HOUR_MS);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 12 });
    expect(bank.requests(ROUTES.listHooks)).toBe(3);
    clock.advance(DAY_MS);
    await run.createWebhooks();
    await run.remove();
    await run.complete();
    const [next] = await nights({ bank, clock, tables: run.dependencies }, [1 / 2]);
    const before = (await run.items()).filter(({ webhookFound }) => webhookFound !== 'unchecked');
    const twice = before.filter(({ repositoryName }) => next?.looked.includes(repositoryName));
    expect(twice).toEqual([]);
  });

  it('takes a look that failed for none, and has it first the next night', async () => {
    const bank = await startBank({ repositories: 3, withoutProjectWebhook: 0 });
    const [first] = await nights({ bank }, [1]);
    const [name = ''] = first?.looked ?? [];
    const clock = createClock('2026-11-24T09:00:00.000Z');
    bank.site.fail({
      method: 'GET',
      pathPrefix: hooksPath(name),
      outcome: { status: 422, body: { message: 'Not now' } },
    });
    const tables = first?.run.dependencies;
    const later = await nights({ bank, clock, ...(tables && { tables }) }, [1, 1 / 3]);
    expect(later[0]?.exitMessage).toMatch(/project webhooks not checked: 1$/);
    expect(later[1]?.looked).toEqual([name]);
  });
});
