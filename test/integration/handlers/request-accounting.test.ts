import { describe, expect, it } from 'vitest';
import { summarizeRun } from '../../../functions/executions/counts.ts';
import type { RequestCounts } from '../../../functions/shared/contract/requests.ts';
import { announcing, type Bank, ORGANIZATION, startBank } from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run } from '../../support/run.ts';

const newTable = useDynamoDb();
const LISTING = { method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}/repos` } as const;
const SLOW_DOWN = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } };

async function begun(
  repositories = 3,
): Promise<{ bank: Bank; run: Run; counted: () => Promise<RequestCounts> }> {
  const bank = await startBank({ repositories, withoutProjectWebhook: 1 });
  // Of a container that has worked before.
  await bank.github.rest.orgs.get({ org: ORGANIZATION });
  const run = await beginRun({ newTable, bank });
  return {
    bank,
    run,
    counted: async () => {
      const { executionsTable } = run.dependencies;
      const listing = { batches: [], total: 0 };
      return (await summarizeRun(executionsTable, run.event.jobExecutionId, listing)).requests;
    },
  };
}

describe('the account of a run', () => {
  it('has what each step asked for', async () => {
    const { run, counted } = await begun();
    expect(await counted()).toEqual({ reads: 0, writes: 0, queries: 0, refused: 0 });
    await run.list();
    expect(await counted()).toEqual({ reads: 1, writes: 0, queries: 2, refused: 0 });
    await run.batches();
    const afterBatches = await counted();
    expect(afterBatches).toMatchObject({ reads: 1 + 3, writes: 0 });
    await run.createWebhooks();
    expect(await counted()).toMatchObject({ writes: 1 });
    await run.remove();
    const { reads } = await counted();
    expect(reads).toBeGreaterThan(afterBatches.reads);
  });

  it('has what was asked for in vain', async () => {
    const { bank, run, counted } = await begun();
    bank.site.fail({ ...LISTING, outcome: SLOW_DOWN });
    expect(await run.list()).toMatchObject({ deferred: true });
    expect(await counted()).toMatchObject({ reads: 1, queries: 1, refused: 1 });
    bank.site.fail({ ...announcing(0, 1), outcome: { status: 401, body: { message: 'Bad credentials' } } });
    await expect(run.list()).rejects.toMatchObject({ name: 'GitHubCredentialsRejected' });
    expect(await counted()).toMatchObject({ reads: 2, queries: 2, refused: 1 });
  });

  it('has what a batch asked for before it paused, and after that', async () => {
    const { bank, run, counted } = await begun();
    await run.list();
    bank.site.fail({ method: 'GET', pathPrefix: `/repos/${ORGANIZATION}`, outcome: SLOW_DOWN });
    expect(await run.batch(0)).toMatchObject({ deferred: true });
    const paused = await counted();
    expect(paused).toMatchObject({ refused: 1 });
    expect(await run.batch(0)).toMatchObject({ deferred: false });
    const { reads, queries } = await counted();
    expect(reads).toBeGreaterThan(paused.reads);
    expect(queries).toBeGreaterThan(paused.queries);
  });

  it('is not written by what has asked for nothing', async () => {
    const { run } = await begun();
    await run.list();
    await run.batches();
    await run.createWebhooks();
    const rows = await allRows(run.dependencies.executionsTable);
    await run.list();
    await run.createWebhooks();
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
  });

  it('counts once what a transaction has recorded whose answer was lost', async () => {
    const { run, counted } = await begun();
    const { client } = run.dependencies.executionsTable;
    let lost = 0;
    const loseOne = (next: (args: unknown) => Promise<unknown>) => async (args: unknown) => {
      const answer = await next(args);
      if (lost > 0) return answer;
      lost += 1;
      throw Object.assign(new Error('the connection broke'), { name: 'TimeoutError' });
    };
    client.middlewareStack.add(
      (next, { commandName }) =>
        commandName === 'TransactWriteItemsCommand' ? (loseOne(next as never) as never) : next,
      { step: 'deserialize', priority: 'low', name: 'loseOne', override: true },
    );
    await run.list().finally(() => client.middlewareStack.remove('loseOne'));
    expect(lost).toBe(1);
    expect(await counted()).toEqual({ reads: 1, writes: 0, queries: 2, refused: 0 });
  });
});
