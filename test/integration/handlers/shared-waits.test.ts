import { describe, expect, it } from 'vitest';
import type { ItemBankId } from '../../../functions/shared/contract/ids.ts';
import { type Bank, ORGANIZATION, requestsTo, startBank, takeDown } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, newTables, type Run } from '../../support/run.ts';
import { accessTo } from '../../support/shared-access.ts';
import { openItemsApi } from './support.ts';

const newTable = useDynamoDb();

const SLOW_DOWN = {
  status: 403,
  headers: { 'retry-after': '600' },
  body: { message: 'You have exceeded a secondary rate limit' },
};
const RESUME_AT = '2026-11-23T09:10:00.000Z';

/** A run of one batch whose steps are different containers, and POST /sync/{itemBankId}. */
async function listedRun() {
  const bank = await startBank({ repositories: 12, withoutProjectWebhook: 3 });
  const run = await beginRun({ newTable, bank });
  const { executionsTable } = run.dependencies;
  const newContainer = () => accessTo(bank, executionsTable, { clock: run.clock });
  await run.list();
  const inNewContainer = <Result>(step: () => Promise<Result>): Promise<Result> => {
    run.dependencies.connect = newContainer();
    return step();
  };
  const api = openItemsApi(bank, await newTables(newTable), {
    connect: newContainer(),
    now: run.clock.now,
  });
  const [repository] = (await bank.github.rest.repos.listForOrg({ org: ORGANIZATION })).data;
  const id = Number(repository?.id) as ItemBankId;
  return { bank, run, api, id, inNewContainer };
}

const refuseChecks = ({ site }: Bank) =>
  site.fail({
    method: 'GET',
    pathPrefix: `/repos/${ORGANIZATION}/`,
    times: Number.POSITIVE_INFINITY,
    outcome: SLOW_DOWN,
  });

describe('a wait that GitHub asks for', () => {
  it.each<[string, (run: Run) => Promise<{ deferred: boolean; resumeAt: string }>]>([
    ['a batch', (run) => run.batch(0)],
    ['CreateWebhooks', (run) => run.createWebhooks()],
  ])('stops the other functions: %s', async (name, step) => {
    const { bank, run, api, id, inNewContainer } = await listedRun();
    // Then there are webhooks to create.
    if (name === 'CreateWebhooks') await inNewContainer(() => run.batch(0));
    bank.site.fail({ method: 'GET', pathPrefix: '/repositories/', outcome: SLOW_DOWN });
    expect(await api.sync(id)).toMatchObject({ status: 503, headers: { 'retry-after': 600 } });
    const before = requestsTo(bank.site);
    const deferred = await inNewContainer(() => step(run));
    expect(deferred).toMatchObject({ deferred: true, resumeAt: RESUME_AT });
    expect(requestsTo(bank.site)).toBe(before);
    run.clock.set(RESUME_AT);
    expect(await inNewContainer(() => step(run))).toMatchObject({ deferred: false });
  });

  it('is met by few requests of the client that gets it', async () => {
    const { bank, run, inNewContainer } = await listedRun();
    refuseChecks(bank);
    const before = requestsTo(bank.site);
    for (let attempt = 1; attempt <= 20; attempt += 1) await inNewContainer(() => run.batch(0));
    // Two queries for the heads, and the checks that were in flight.
    expect(requestsTo(bank.site) - before).toBeLessThanOrEqual(2 + 9);
  });

  it('stops the listing of the next run', async () => {
    const { bank, run, inNewContainer } = await listedRun();
    refuseChecks(bank);
    await inNewContainer(() => run.batch(0));
    bank.site.mend();
    const { executionsTable, itemsTable } = run.dependencies;
    run.event.deadline = run.clock.now().toISOString();
    await run.batches();
    await run.complete();
    const connectAgain = accessTo(bank, executionsTable, { clock: run.clock });
    const next = await beginRun({
      newTable,
      bank,
      tables: { executionsTable, itemsTable },
      clock: run.clock,
      overrides: { connect: connectAgain },
    });
    const before = requestsTo(bank.site);
    expect(await next.list()).toMatchObject({ deferred: true, resumeAt: RESUME_AT });
    expect(requestsTo(bank.site)).toBe(before);
  });

  it('is the answer of POST /sync/{itemBankId}, with the remaining time', async () => {
    const { bank, run, api, id, inNewContainer } = await listedRun();
    refuseChecks(bank);
    await inNewContainer(() => run.batch(0));
    bank.site.mend();
    const before = requestsTo(bank.site);
    run.clock.advance(100_000);
    expect(await api.sync(id)).toMatchObject({
      status: 503,
      headers: { 'retry-after': 500 },
      body: { code: 'RATE_LIMITED', retryAfterSeconds: 500 },
    });
    expect(requestsTo(bank.site)).toBe(before);
    run.clock.set(RESUME_AT);
    expect(await api.sync(id)).toMatchObject({ status: 200 });
  });
});

describe('POST /sync/{itemBankId} during an outage', () => {
  it('answers 503 with the time of the wait, which all functions share', async () => {
    const { bank, run, api, id, inNewContainer } = await listedRun();
    takeDown(bank.site);
    const answer = { status: 503, headers: { 'retry-after': 30 } };
    expect(await api.sync(id)).toMatchObject({
      ...answer,
      body: { code: 'GITHUB_UNAVAILABLE', retryAfterSeconds: 30 },
    });
    const before = requestsTo(bank.site);
    expect(await api.sync(id)).toMatchObject(answer);
    expect(await inNewContainer(() => run.batch(0))).toMatchObject({ deferred: true });
    expect(requestsTo(bank.site)).toBe(before);
  });
});
