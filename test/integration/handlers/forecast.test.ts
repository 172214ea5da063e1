import { describe, expect, it } from 'vitest';
import { requireExecution } from '../../../functions/executions/job-execution.ts';
import { requireListing } from '../../../functions/executions/listing.ts';
import { PUBLISHED_LIMITS } from '../../../functions/github/limits.ts';
import { connect, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { createClock, HOUR_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type RunSetup } from '../../support/run.ts';

const newTable = useDynamoDb();

const SIZE = { repositories: 230, withoutProjectWebhook: 0 };
// No waiting within the minute.
const LIMITS = { ...PUBLISHED_LIMITS, restPointsPerMinute: 1e6, graphqlPointsPerMinute: 1e6 };

/** A run whose client keeps to limits. */
async function limitedRun(options: Parameters<typeof startBank>[0], setup: Partial<RunSetup> = {}) {
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
  it.each([false, true])(
    'is in the record and in the log when the bank is listed; dry run: %s',
    async (dryRun) => {
      const { run, record, listing } = await limitedRun({ limits: {} }, { options: { dryRun } });
      await run.list();
      const asked = { reads: 3, queries: 2 };
      expect((await record()).forecast).toEqual({
        webhookShare: 1,
        webhookChecks: 230,
        requests: { reads: asked.reads + 230 + 1, queries: asked.queries + 3 },
        seconds: 1,
        quota: {
          rest: { limit: 5_000, remaining: 4_997, reserved: 1_000, resetAt: '2026-11-23T10:00:00.000Z' },
          graphql: { limit: 5_000, remaining: 4_998, reserved: 1_000, resetAt: '2026-11-23T10:00:00.000Z' },
        },
      });
      expect(await listing()).toMatchObject({ webhookShare: 1 });
      expect(run.log.messages().at(-1)).toBe(
        'forecast: 230 webhook checks, 3 GraphQL queries, less than a minute; 4,997 of 5,000 requests left this hour, 1,000 reserved for others',
      );
    },
  );

  it('leaves webhooks to later runs that do not fit into the hour', async () => {
    const { run, listing } = await limitedRun({ limits: { restRequestsPerHour: 200 } });
    await run.list();
    const { webhookShare } = await listing();
    expect(webhookShare).toBeGreaterThan(1 / 7);
    expect(Math.ceil(webhookShare * 100) * 2 + Math.ceil(webhookShare * 30)).toBeLessThanOrEqual(160 - 3 - 1);
    expect(run.log.messages().at(-1)).toContain('; the other webhooks are left to later runs');
  });

  it('does not count the webhooks of what is archived', async () => {
    const { bank, run, record } = await limitedRun({ limits: {}, repositories: 3 });
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    const [{ name } = { name: '' }] = data;
    await bank.github.rest.repos.update({ owner: ORGANIZATION, repo: name, archived: true });
    await run.list();
    expect((await record()).forecast).toMatchObject({ webhookChecks: 2 });
  });

  it('has no quota where the server has no limits, and none is asked for where none are kept to', async () => {
    const { run, record } = await limitedRun({ limits: 'off' });
    await run.list();
    expect((await record()).forecast).toMatchObject({ webhookShare: 1, seconds: 1 });
    expect((await record()).forecast).not.toHaveProperty('quota');

    const bank = await startBank({ repositories: 3, withoutProjectWebhook: 0, limits: {} });
    const careless = await beginRun({ newTable, bank });
    await careless.list();
    expect(bank.requests('GET /rate_limit')).toBe(0);
  });

  it('is made once', async () => {
    const { bank, run, record } = await limitedRun({ limits: {} });
    await run.list();
    const first = await record();
    run.clock.advance(HOUR_MS);
    await run.list();
    expect(await record()).toEqual(first);
    expect(bank.requests('GET /rate_limit')).toBe(1);
  });

  it.each([
    ['with something else', { status: 200, body: { resources: {} } }],
    ['that the token may not', { status: 403, body: { message: 'Forbidden' } }],
  ])('knows no quota when GitHub answers %s: nothing else hangs on it', async (_, outcome) => {
    const { bank, run, record } = await limitedRun({ limits: {} });
    bank.site.fail({ method: 'GET', pathPrefix: '/rate_limit', outcome });
    await run.list();
    const { forecast } = await record();
    expect(forecast).toMatchObject({ webhookShare: 1 });
    expect(forecast).not.toHaveProperty('quota');
  });

  it('fails as the listing does when GitHub no longer takes the token', async () => {
    const { bank, run } = await limitedRun({ limits: {} });
    const outcome = { status: 401, body: { message: 'Bad credentials' } };
    bank.site.fail({ method: 'GET', pathPrefix: '/rate_limit', outcome });
    await expect(run.list()).rejects.toMatchObject({ name: 'GitHubCredentialsRejected' });
  });
});

describe('what a run has asked for', () => {
  it('is in its record, beside what was expected', async () => {
    const { bank, run, record } = await limitedRun({ limits: {}, repositories: 130 });
    const exit = await run.all();
    expect(exit.exitCode).toBe('COMPLETED');
    const { requests, forecast } = await record();
    const queries = bank.requests(ROUTES.graphql);
    expect(requests).toEqual({
      reads: bank.site.traffic.usage().restRequests - bank.requests('GET /rate_limit'),
      queries,
      writes: 0,
      refused: 0,
    });
    expect(requests?.reads).toBe(forecast?.requests.reads);
    // What has changed comes on top, which is everything here.
    expect(queries).toBeGreaterThan(forecast?.requests.queries ?? Infinity);
    expect(run.log.messages().at(-3)).toBe(
      `requests: 133 reads (133 forecast), ${queries} GraphQL queries (4), 0 writes`,
    );
  });

  it('is as much as was expected when nothing has changed', async () => {
    const { run, bank } = await limitedRun({ limits: {}, repositories: 130 });
    await run.all();
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
      'requests: 133 reads (133 forecast), 4 GraphQL queries (4), 0 writes',
    );
  });
});
