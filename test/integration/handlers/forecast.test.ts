import { describe, expect, it } from 'vitest';
import { requireExecution } from '../../../functions/executions/job-execution.ts';
import { requireListing } from '../../../functions/executions/listing.ts';
import { PUBLISHED_LIMITS } from '../../../functions/github/limits.ts';
import { connect, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { createClock, HOUR_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type RunSetup } from '../../support/run.ts';

const newTable = useDynamoDb();

const TWO_BATCHES = 101;
const SIZE = { repositories: 230, withoutProjectWebhook: 0 };
// Limits per minute so high that no request waits for them.
const LIMITS = { ...PUBLISHED_LIMITS, restPointsPerMinute: 1e6, graphqlPointsPerMinute: 1e6 };

/** Begins a run whose client enforces rate limits. */
async function beginLimitedRun(options: Parameters<typeof startBank>[0], setup: Partial<RunSetup> = {}) {
  const clock = createClock();
  const bank = await startBank({ ...SIZE, now: clock.now, ...options });
  const github = connect(bank.site, undefined, { limits: LIMITS, clock });
  const access = async () => ({ github, webhookSecret: '' });
  const run = await beginRun({ newTable, bank, clock, overrides: { connect: access }, ...setup });
  const { executionsTable } = run.dependencies;
  return {
    bank,
    run,
    record: () => requireExecution(executionsTable, run.event.jobExecutionId),
    listing: () => requireListing(executionsTable, run.event.jobExecutionId),
  };
}

describe('the forecast', () => {
  it.each([false, true])('is recorded and logged when the bank is listed (dry run: %s)', async (dryRun) => {
    const { run, record, listing } = await beginLimitedRun({ limits: {} }, { options: { dryRun } });
    await run.list();
    const listingRequests = { reads: 3, queries: 2 };
    expect((await record()).forecast).toEqual({
      webhookShare: 1,
      webhookChecks: 230,
      requests: { reads: listingRequests.reads + 230, queries: listingRequests.queries + 3 },
      seconds: 1,
      quota: {
        rest: { limit: 5_000, remaining: 4_997, reserved: 1_000, resetAt: '2026-11-23T10:00:00.000Z' },
        graphql: { limit: 5_000, remaining: 4_998, reserved: 1_000, resetAt: '2026-11-23T10:00:00.000Z' },
      },
    });
    expect(await listing()).not.toHaveProperty('webhookClasses');
    expect(run.log.messages().at(-1)).toBe(
      'forecast: 230 webhook checks, 3 GraphQL queries, less than a minute; 4,997 of 5,000 requests left this hour, 1,000 reserved for others',
    );
  });

  it('leaves webhooks that do not fit into the hour to later runs', async () => {
    const { run, listing, record } = await beginLimitedRun({ limits: { restRequestsPerHour: 200 } });
    await run.list();
    // 157 of 230 fit: four of seven classes, one of them for new and changed repositories.
    expect((await listing()).webhookClasses).toEqual([0, 1, 2]);
    expect((await record()).forecast).toMatchObject({ webhookShare: 3 / 7 });
    const { webhookChecks = 0 } = (await record()).forecast ?? {};
    expect(webhookChecks).toBeGreaterThan(0);
    expect(webhookChecks + Math.ceil(230 / 7)).toBeLessThanOrEqual(157);
    expect(run.log.messages().at(-1)).toContain('; the other webhooks are left to later runs');
  });

  it('does not count the webhooks of archived repositories', async () => {
    const { bank, run, record } = await beginLimitedRun({ limits: {}, repositories: 3 });
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    const [{ name } = { name: '' }] = data;
    await bank.github.rest.repos.update({ owner: ORGANIZATION, repo: name, archived: true });
    await run.list();
    expect((await record()).forecast).toMatchObject({ webhookChecks: 2 });
  });

  it('has no quota when the server has no limits, and asks for none when rate limits are off', async () => {
    const { run, record } = await beginLimitedRun({ limits: 'off' });
    await run.list();
    expect((await record()).forecast).toMatchObject({ webhookShare: 1, seconds: 1 });
    expect((await record()).forecast).not.toHaveProperty('quota');

    const bank = await startBank({ repositories: 3, withoutProjectWebhook: 0, limits: {} });
    const unlimited = await beginRun({ newTable, bank });
    await unlimited.list();
    expect(bank.requests('GET /rate_limit')).toBe(0);
  });

  it('is not made again on retry', async () => {
    const { bank, run, record } = await beginLimitedRun({ limits: {} });
    await run.list();
    const first = await record();
    run.clock.advance(HOUR_MS);
    await run.list();
    expect(await record()).toEqual(first);
    expect(bank.requests('GET /rate_limit')).toBe(1);
  });

  it.each([
    ['without quotas', { status: 200, body: { resources: {} } }],
    ['that the token lacks the permission', { status: 403, body: { message: 'Forbidden' } }],
  ])('is made without a quota when GitHub answers %s', async (_, outcome) => {
    const { bank, run, record } = await beginLimitedRun({ limits: {} });
    bank.site.fail({ method: 'GET', pathPrefix: '/rate_limit', outcome });
    await run.list();
    const { forecast } = await record();
    expect(forecast).toMatchObject({ webhookShare: 1 });
    expect(forecast).not.toHaveProperty('quota');
  });

  it('fails the listing when GitHub rejects the token', async () => {
    const { bank, run } = await beginLimitedRun({ limits: {} });
    const outcome = { status: 401, body: { message: 'Bad credentials' } };
    bank.site.fail({ method: 'GET', pathPrefix: '/rate_limit', times: 2, outcome });
    await expect(run.list()).rejects.toMatchObject({ name: 'GitHubCredentialsRejected' });
  });
});

describe('the requests of a run', () => {
  it('are recorded beside the forecast, and match it when nothing has changed', async () => {
    const { bank, run, record } = await beginLimitedRun({ limits: {}, repositories: TWO_BATCHES });
    const exit = await run.all();
    expect(exit.exitCode).toBe('COMPLETED');
    const { requests, forecast } = await record();
    const queries = bank.requests(ROUTES.graphql);
    expect(requests).toEqual({
      reads: bank.site.traffic.usage().restRequests - bank.requests('GET /rate_limit'),
      queries,
      queryMs: expect.any(Number),
      writes: 0,
      refused: 0,
    });
    expect(requests?.reads).toBe(forecast?.requests.reads);
    // The forecast leaves out the queries for changed items, and here every item is new.
    expect(queries).toBeGreaterThan(forecast?.requests.queries ?? Infinity);
    expect(run.log.messages().at(-3)).toBe(
      `requests: 103 reads (103 forecast), ${queries} GraphQL queries (4), 0 writes`,
    );

    const { executionsTable, itemsTable, connect } = run.dependencies;
    const next = await beginRun({
      newTable,
      bank,
      tables: { executionsTable, itemsTable },
      clock: run.clock,
      overrides: { connect },
    });
    await next.all();
    expect(next.log.messages().at(-3)).toBe(
      'requests: 103 reads (103 forecast), 4 GraphQL queries (4), 0 writes',
    );
  });
});
