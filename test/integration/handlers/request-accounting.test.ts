import { describe, expect, it } from 'vitest';
import { summarizeRun } from '../../../functions/executions/counts.ts';
import { ITEM_KEYS } from '../../../functions/mirror/mirror-rows.ts';
import { itemBankId } from '../../../functions/shared/contract/ids.ts';
import type { RequestCounts } from '../../../functions/shared/contract/requests.ts';
import { putRows } from '../../../functions/shared/dynamodb.ts';
import { type Bank, ORGANIZATION, reportTotalCount, startBank } from '../../support/bank.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run } from '../../support/run.ts';

const newTable = useDynamoDb();
const LISTING = { method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}/repos` } as const;
const SLOW_DOWN = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } };

async function beginWarmRun(
  repositories = 3,
): Promise<{ bank: Bank; run: Run; readCounts: () => Promise<RequestCounts> }> {
  const bank = await startBank({ repositories, withoutProjectWebhook: 1 });
  // A warm container has already sent requests, which do not belong to this run.
  await bank.github.rest.orgs.get({ org: ORGANIZATION });
  const run = await beginRun({ newTable, bank });
  return {
    bank,
    run,
    readCounts: async () => {
      const { executionsTable } = run.dependencies;
      const listing = { batches: [], total: 0 };
      return (await summarizeRun(executionsTable, run.event.jobExecutionId, listing)).requests;
    },
  };
}

/** A page of repositories, and two counts. */
const OF_LISTING = { reads: 1, writes: 0, queries: 2, queryMs: expect.any(Number), refused: 0 };

describe('the request counts of a run', () => {
  it('include the requests of each step', async () => {
    const { run, readCounts } = await beginWarmRun();
    expect(await readCounts()).toEqual({ reads: 0, writes: 0, queries: 0, queryMs: 0, refused: 0 });
    await run.list();
    expect(await readCounts()).toEqual(OF_LISTING);
    await run.batches();
    const afterBatches = await readCounts();
    expect(afterBatches).toMatchObject({ reads: 1 + 3, writes: 0 });
    await run.createWebhooks();
    expect(await readCounts()).toMatchObject({ writes: 1 });
    const unlisted = (await allRows(run.dependencies.itemsTable)).find(({ sk }) => sk === 'ITEM');
    await putRows(run.dependencies.itemsTable, [{ ...unlisted, ...ITEM_KEYS.item(itemBankId(1)) }]);
    await run.remove();
    const { reads } = await readCounts();
    expect(reads).toBeGreaterThan(afterBatches.reads);
  });

  it('include requests that GitHub refused', async () => {
    const { bank, run, readCounts } = await beginWarmRun();
    bank.site.fail({ ...LISTING, outcome: SLOW_DOWN });
    const { resumeAt } = await run.list();
    run.clock.set(resumeAt);
    expect(await readCounts()).toMatchObject({ reads: 1, queries: 1, refused: 1 });
    bank.site.fail({
      ...reportTotalCount(0, 2),
      outcome: { status: 401, body: { message: 'Bad credentials' } },
    });
    await expect(run.list()).rejects.toMatchObject({ name: 'GitHubCredentialsRejected' });
    expect(await readCounts()).toMatchObject({ reads: 2, queries: 3, refused: 1 });
  });

  it('include the requests of a batch from before and after its deferral', async () => {
    const { bank, run, readCounts } = await beginWarmRun();
    await run.list();
    bank.site.fail({ method: 'GET', pathPrefix: `/repos/${ORGANIZATION}`, outcome: SLOW_DOWN });
    const { resumeAt } = await run.batch(0);
    run.clock.set(resumeAt);
    const atDeferral = await readCounts();
    expect(atDeferral).toMatchObject({ refused: 1 });
    expect(await run.batch(0)).toMatchObject({ deferred: false });
    const { reads, queries } = await readCounts();
    expect(reads).toBeGreaterThan(atDeferral.reads);
    expect(queries).toBeGreaterThan(atDeferral.queries);
  });

  it('are not written by a step that sent no requests', async () => {
    const { run } = await beginWarmRun();
    await run.list();
    await run.batches();
    await run.createWebhooks();
    const rows = await allRows(run.dependencies.executionsTable);
    await run.list();
    await run.createWebhooks();
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
  });

  it('include a step once when the response of its transaction is lost', async () => {
    const { run, readCounts } = await beginWarmRun();
    const { client } = run.dependencies.executionsTable;
    let lost = 0;
    const loseFirst = (next: (args: unknown) => Promise<unknown>) => async (args: unknown) => {
      const answer = await next(args);
      if (lost > 0) return answer;
      lost += 1;
      throw Object.assign(new Error('the connection broke'), { name: 'TimeoutError' });
    };
    client.middlewareStack.add(
      (next, { commandName }) =>
        commandName === 'TransactWriteItemsCommand' ? (loseFirst(next as never) as never) : next,
      { step: 'deserialize', priority: 'low', name: 'loseOne', override: true },
    );
    await run.list().finally(() => client.middlewareStack.remove('loseOne'));
    expect(lost).toBe(1);
    expect(await readCounts()).toEqual(OF_LISTING);
  });
});
