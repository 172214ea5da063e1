import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  type Bank,
  FORBIDDEN,
  hooksPath,
  ORGANIZATION,
  PROJECT_WEBHOOK_URL,
  ROUTES,
  startBank,
} from '../../support/bank.ts';
import { createClock, HOUR_MS } from '../../support/clock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run, type RunSetup } from '../../support/run.ts';

const newTable = useDynamoDb();
const PAGE = z.array(z.looseObject({ name: z.string() }));
const CREATED =
  'Total item bank ids: 6, number of items requiring project webhook: 4, created: 6, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 0';

const startSmallBank = (options: Parameters<typeof startBank>[0] = {}) =>
  startBank({ repositories: 6, ...options });

/** Runs the steps before CreateWebhooks. @returns the run, and the repositories whose webhook is missing. */
async function synchronizedRun(
  options: Omit<RunSetup, 'newTable'>,
): Promise<{ run: Run; missing: [string, string, string, string] }> {
  const run = await beginRun({ newTable, ...options });
  await run.list();
  await run.batches();
  const [a = '', b = '', c = '', d = ''] = (await run.items())
    .filter(({ webhookFound }) => webhookFound === 'missing')
    .map(({ repositoryName }) => repositoryName);
  options.bank.requests(ROUTES.listHooks);
  return { run, missing: [a, b, c, d] };
}

async function hooksOf({ github }: Bank, repo: string) {
  const { data } = await github.rest.repos.listWebhooks({ owner: ORGANIZATION, repo });
  return data;
}

async function itemOf(run: Run, name: string) {
  return (await run.items()).find(({ repositoryName }) => repositoryName === name);
}

const creation = (name: string, outcome: Parameters<Bank['site']['fail']>[0]['outcome']) => ({
  method: 'POST',
  pathPrefix: hooksPath(name),
  outcome,
});

describe('the CreateWebhooks step', () => {
  it('creates each missing webhook and counts it as required in the exit message', async () => {
    const bank = await startSmallBank();
    const { run, missing } = await synchronizedRun({ bank });
    expect(await run.createWebhooks()).toEqual({ deferred: false, resumeAt: run.clock.now().toISOString() });

    expect(bank.requests(ROUTES.createHook)).toBe(4);
    for (const name of missing) {
      expect(await hooksOf(bank, name)).toContainEqual(
        expect.objectContaining({
          active: true,
          events: ['push', 'repository', 'meta'],
          config: expect.objectContaining({
            url: PROJECT_WEBHOOK_URL,
            content_type: 'json',
            insecure_ssl: '0',
          }),
        }),
      );
      expect(await itemOf(run, name)).toMatchObject({ webhookFound: 'missing', webhookLeft: 'created' });
      expect(await itemOf(run, name)).not.toHaveProperty('webhookFailure');
    }
    expect(await run.complete()).toEqual({
      jobExecutionId: 1,
      status: 'COMPLETED',
      exitCode: 'COMPLETED',
      exitMessage: CREATED,
    });
  });

  it('creates the webhooks of all batches', async () => {
    const bank = await startSmallBank({ repositories: 101, withoutProjectWebhook: 101 });
    const { run } = await synchronizedRun({ bank });
    await run.createWebhooks();
    expect(bank.requests(ROUTES.createHook)).toBe(101);
  });

  it('uses the repository name of the check, even if the listing has another one', async () => {
    const bank = await startSmallBank({ repositories: 1, withoutProjectWebhook: 1 });
    const rename = (page: unknown) => PAGE.parse(page).map((repository) => ({ ...repository, name: '..' }));
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}/repos`,
      outcome: { change: rename },
    });
    const { run, missing } = await synchronizedRun({ bank });
    await run.createWebhooks();
    expect(await hooksOf(bank, missing[0])).toHaveLength(1);
    expect(bank.requests('unknown route')).toBe(0);
  });

  it('does not recreate webhooks on retry', async () => {
    const bank = await startSmallBank();
    const { run } = await synchronizedRun({ bank });
    await run.createWebhooks();
    const rows = await allRows(run.dependencies.executionsTable);
    bank.requests(ROUTES.createHook);

    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(bank.requests(ROUTES.createHook)).toBe(0);
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
  });

  it('does not connect to GitHub if no webhook is missing', async () => {
    const bank = await startSmallBank({ withoutProjectWebhook: 0 });
    const { run } = await synchronizedRun({ bank });
    run.dependencies.connect = () => Promise.reject(new Error('no token is needed'));
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
  });
});

describe('a creation that GitHub refuses', () => {
  it('counts as created if an interrupted request has created the webhook', async () => {
    const bank = await startSmallBank();
    const { run, missing } = await synchronizedRun({ bank });
    bank.site.fail({ ...creation(missing[1], { connection: 'dropped-after-work' }) });
    await run.createWebhooks();
    expect(await itemOf(run, missing[1])).toMatchObject({ webhookLeft: 'created' });
    expect(await hooksOf(bank, missing[1])).toHaveLength(1);
    expect(await run.complete()).toMatchObject({ exitCode: 'COMPLETED', exitMessage: CREATED });
  });

  it('defers the rest if GitHub rate-limits the check for an existing webhook', async () => {
    const bank = await startSmallBank();
    const { run, missing } = await synchronizedRun({ bank });
    bank.site.fail(creation(missing[0], { status: 422, body: { message: 'Validation Failed' } }));
    const headers = { 'retry-after': '30' };
    const limited = { status: 403, headers, body: { message: 'You have exceeded a secondary rate limit' } };
    bank.site.fail({ method: 'GET', pathPrefix: hooksPath(missing[0]), outcome: limited });
    expect(await run.createWebhooks()).toEqual({ deferred: true, resumeAt: '2026-11-23T09:00:30.000Z' });
    run.clock.advance(30_000);
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(await run.complete()).toMatchObject({ exitCode: 'COMPLETED' });
  });

  it('is not repeated in the same run', async () => {
    const bank = await startSmallBank();
    const { run, missing } = await synchronizedRun({ bank });
    bank.site.fail(creation(missing[0], { status: 422, body: { message: 'Validation Failed' } }));
    const headers = { 'retry-after': '30' };
    bank.site.fail(creation(missing[1], { status: 429, headers, body: { message: 'Too many requests' } }));
    const { resumeAt } = await run.createWebhooks();
    run.clock.set(resumeAt);
    bank.requests(ROUTES.createHook);
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(bank.requests(ROUTES.createHook)).toBe(3);
    expect(await itemOf(run, missing[0])).toMatchObject({
      webhookLeft: 'missing',
      webhookFailure: { reason: 'HOOK_REFUSED' },
    });
  });

  it('leaves only that webhook forbidden if existing webhooks cannot be listed', async () => {
    const bank = await startSmallBank();
    const { run, missing } = await synchronizedRun({ bank });
    bank.site.fail(creation(missing[0], { status: 422, body: { message: 'Validation Failed' } }));
    bank.site.fail({ method: 'GET', pathPrefix: hooksPath(missing[0]), outcome: FORBIDDEN });
    await run.createWebhooks();
    expect(await itemOf(run, missing[0])).toMatchObject({ webhookLeft: 'forbidden' });
    expect(await itemOf(run, missing[3])).toMatchObject({ webhookLeft: 'created' });
  });
});

describe('a webhook that cannot be created', () => {
  it.each([
    ['the token lacks the permission', FORBIDDEN, 'forbidden', 'FORBIDDEN'],
    [
      'the repository has been archived',
      { status: 403, body: { message: 'Repository was archived so is read-only.' } },
      'archived',
      'FORBIDDEN',
    ],
    ['GitHub refuses it', { status: 422, body: { message: 'Validation Failed' } }, 'missing', 'HOOK_REFUSED'],
    ['the repository is gone', { status: 404, body: { message: 'Not Found' } }, 'forbidden', 'FORBIDDEN'],
  ] as const)(
    'is recorded with the reason and does not affect other webhooks: %s',
    async (_, outcome, webhookLeft, reason) => {
      const bank = await startSmallBank();
      const { run, missing } = await synchronizedRun({ bank });
      bank.site.fail(creation(missing[0], outcome));
      expect(await run.createWebhooks()).toMatchObject({ deferred: false });

      expect(await itemOf(run, missing[0])).toMatchObject({
        webhookLeft,
        webhookFailure: { reason, message: expect.stringContaining(outcome.body.message) },
      });
      for (const name of missing.slice(1)) {
        expect(await itemOf(run, name)).toMatchObject({ webhookLeft: 'created' });
      }
      expect(await run.complete()).toMatchObject({
        exitCode: 'COMPLETED_WITH_FAILURES',
        exitMessage: `${CREATED}, project webhooks not created: 1`,
      });
    },
  );

  it('fails the step if the token is no longer valid', async () => {
    const bank = await startSmallBank();
    const { run, missing } = await synchronizedRun({ bank });
    const unauthorized = { status: 401, body: { message: 'Bad credentials' } };
    bank.site.fail({ ...creation(missing[0], unauthorized), times: 2 });
    await expect(run.createWebhooks()).rejects.toMatchObject({ name: 'GitHubCredentialsRejected' });
  });

  it('does not expose the webhook secret in the log or in a row', async () => {
    const bank = await startSmallBank();
    const { run, missing } = await synchronizedRun({ bank });
    bank.site.fail(creation(missing[0], FORBIDDEN));
    await run.createWebhooks();
    const { webhookSecret } = await run.dependencies.connect();
    expect(JSON.stringify(run.log.lines)).not.toContain(webhookSecret);
    expect(JSON.stringify(await allRows(run.dependencies.executionsTable))).not.toContain(webhookSecret);
  });
});

describe('the CreateWebhooks step, if it cannot finish', () => {
  const LIMITED = {
    status: 429,
    headers: { 'retry-after': '60' },
    body: { message: 'You have exceeded a secondary rate limit' },
  };

  it('defers for as long as GitHub requests, and then creates only the rest', async () => {
    const bank = await startSmallBank();
    const { run, missing } = await synchronizedRun({ bank });
    bank.site.fail(creation(missing[2], LIMITED));
    expect(await run.createWebhooks()).toEqual({ deferred: true, resumeAt: '2026-11-23T09:01:00.000Z' });
    expect(bank.requests(ROUTES.createHook)).toBe(3);

    run.clock.advance(60_000);
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(bank.requests(ROUTES.createHook)).toBe(2);
    expect(await run.complete()).toMatchObject({ exitCode: 'COMPLETED', exitMessage: CREATED });
  });

  it('does not defer beyond the deadline, and leaves the rest missing', async () => {
    const bank = await startSmallBank();
    const { run, missing } = await synchronizedRun({ bank });
    run.event.deadline = '2026-11-23T09:01:00.000Z';
    bank.site.fail(creation(missing[2], LIMITED));
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(await run.complete()).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: `${CREATED}, project webhooks not created: 2`,
    });
  });

  it('defers to another invocation when its time runs out', async () => {
    const clock = createClock();
    const bank = await startSmallBank();
    let remainingMs = 15 * 60_000;
    const { run } = await synchronizedRun({ bank, clock, overrides: { remainingTimeMs: () => remainingMs } });
    remainingMs = 180_000;
    expect(await run.createWebhooks()).toEqual({ deferred: true, resumeAt: clock.now().toISOString() });
    expect(bank.requests(ROUTES.createHook)).toBe(0);
    remainingMs = 180_001;
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
  });

  it('creates nothing after the deadline', async () => {
    const bank = await startSmallBank();
    const { run } = await synchronizedRun({ bank });
    run.clock.advance(6 * HOUR_MS);
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect(bank.requests(ROUTES.createHook)).toBe(0);
  });
});
