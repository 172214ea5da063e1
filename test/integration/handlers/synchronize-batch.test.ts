import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../functions/executions/batch.ts';
import {
  connect,
  connectWithoutRetries,
  FORBIDDEN,
  HTML,
  hooksPath,
  ORGANIZATION,
  ROUTES,
  startBank,
} from '../../support/bank.ts';
import { createClock, HOUR_MS } from '../../support/clock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run, type RunSetup } from '../../support/run.ts';

const newTable = useDynamoDb();

const startSmallBank = (options: Parameters<typeof startBank>[0] = {}) =>
  startBank({ repositories: 10, ...options });

/** Begins a run and lists its bank. */
async function beginListedRun(options: Omit<RunSetup, 'newTable'>): Promise<Run> {
  const run = await beginRun({ newTable, ...options });
  await run.list();
  return run;
}

async function repositoryNameAt(run: Run, index = 0): Promise<string> {
  const { repositories } = await readBatch(run.dependencies.executionsTable, run.event.jobExecutionId, 0);
  return repositories[index]?.repositoryName ?? '';
}

describe('synchronizing the batches', () => {
  it('checks each webhook once and counts the missing ones', async () => {
    const bank = await startBank({ repositories: 101 });
    const run = await beginListedRun({ bank });
    const results = await run.batches();

    expect(results.map(({ processed }) => processed)).toEqual([51, 50]);
    expect(results.reduce((sum, { requiringProjectWebhook }) => sum + requiringProjectWebhook, 0)).toBe(4);
    expect(results.flatMap(({ failedItemBankIds }) => failedItemBankIds)).toEqual([]);
    expect(results.map(({ deferred }) => deferred)).toEqual([false, false]);
    expect(bank.requests(ROUTES.listHooks)).toBe(101);
    expect(bank.site.traffic.mostInFlight).toBeLessThanOrEqual(9);
  });

  it('writes a row for each item bank id with the webhook state found', async () => {
    const run = await beginListedRun({ bank: await startSmallBank() });
    const { repositories } = await readBatch(run.dependencies.executionsTable, run.event.jobExecutionId, 0);
    await run.batch(0);
    const items = await run.items();

    expect(items.map(({ itemBankId }) => itemBankId).sort()).toEqual(
      repositories.map(({ itemBankId }) => itemBankId).sort(),
    );
    const thirtyDays = Date.parse('2026-12-23T09:00:00Z') / 1_000;
    for (const item of items) {
      expect(item).toMatchObject({ outcome: 'created', durationMs: 0, expiresAt: thirtyDays });
      expect(['present', 'missing']).toContain(item.webhookFound);
      expect(item.webhookLeft).toBe(item.webhookFound);
    }
  });

  it('logs each finished batch with the progress of the run', async () => {
    const run = await beginListedRun({ bank: await startSmallBank({ repositories: 101 }) });
    await run.batch(1);
    expect(run.log.lines.at(-1)).toEqual({
      level: 'INFO',
      message: 'processed batch 2 of 2: 50 item bank ids',
      attributes: { progress: { processed: 50, total: 101 } },
    });
  });

  it('does not check the webhook of an archived repository', async () => {
    const bank = await startSmallBank();
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION, direction: 'asc' });
    const name = data[0]?.name ?? '';
    await bank.github.rest.repos.update({ owner: ORGANIZATION, repo: name, archived: true });
    const run = await beginListedRun({ bank });
    await run.batch(0);
    expect(bank.requests(ROUTES.listHooks)).toBe(9);
    expect((await run.items()).find(({ repositoryName }) => repositoryName === name)).toMatchObject({
      outcome: 'created',
      webhookFound: 'archived',
    });
  });

  it('changes nothing and asks GitHub nothing when a finished batch is retried', async () => {
    const bank = await startSmallBank();
    const run = await beginListedRun({ bank });
    const first = await run.batch(0);
    const rows = await allRows(run.dependencies.executionsTable);
    const requestsBefore = new Map(bank.site.traffic.requests);

    expect(await run.batch(0)).toEqual(first);
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
    expect(bank.site.traffic.requests).toEqual(requestsBefore);
  });

  it('counts nothing twice when a batch runs twice at the same time', async () => {
    const run = await beginListedRun({ bank: await startSmallBank() });
    const [one, other] = await Promise.all([run.batch(0), run.batch(0)]);
    expect(one).toEqual(other);
    expect(one.processed).toBe(10);
  });

  it('stops without writing when the execution has lost the lock', async () => {
    const bank = await startSmallBank();
    const run = await beginListedRun({ bank });
    const rows = await allRows(run.dependencies.executionsTable);
    run.event.executionArn = 'the-one-before';
    await expect(run.complete()).rejects.toMatchObject({ name: 'ExecutionSuperseded' });
    await expect(run.batch(0)).rejects.toMatchObject({ name: 'ExecutionSuperseded' });
    await expect(run.createWebhooks()).rejects.toMatchObject({ name: 'ExecutionSuperseded' });
    await expect(run.remove()).rejects.toMatchObject({ name: 'ExecutionSuperseded' });
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
    expect(await allRows(run.dependencies.itemsTable)).toEqual([]);
    expect(bank.requests(ROUTES.listHooks)).toBe(0);
  });

  it('fails for a batch that was never written', async () => {
    const run = await beginListedRun({ bank: await startSmallBank() });
    await expect(run.batch(1)).rejects.toMatchObject({ name: 'RowMissing', retry: 'never' });
  });
});

describe('a failure to check the webhook of one repository', () => {
  it.each([
    ['the token lacks the permission', FORBIDDEN],
    ['GitHub hides the webhooks from the token', { status: 404, body: { message: 'Not Found' } }],
  ])('is recorded, and all items are synchronized: %s', async (_, outcome) => {
    const bank = await startSmallBank();
    const run = await beginListedRun({ bank });
    const name = await repositoryNameAt(run);
    bank.site.fail({ method: 'GET', pathPrefix: hooksPath(name), outcome });
    const result = await run.batch(0);

    expect(result).toMatchObject({ deferred: false, processed: 10, failedItemBankIds: [] });
    const withFailure = (await run.items()).filter(({ webhookFailure }) => webhookFailure);
    expect(withFailure).toMatchObject([
      {
        repositoryName: name,
        outcome: 'created',
        webhookFound: 'forbidden',
        webhookFailure: {
          reason: 'FORBIDDEN',
          message: `GET ${hooksPath(name)}: ${outcome.status} ${outcome.body.message}`,
          githubRequestId: expect.any(String),
        },
      },
    ]);
    expect(run.log.lines.filter(({ level }) => level === 'WARN')).toHaveLength(1);
    expect(await run.complete()).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringMatching(/created: 10, .* failed: 0, .*project webhooks not checked: 1$/),
    });
  });

  it.each([
    ['GitHub has a server error', { status: 500, body: { message: 'Server Error' } }],
    ['a proxy answers in place of GitHub', HTML],
    ['the answer is cut off', { status: 200, body: '[{"id": 1, "config"' }],
    ['the answer is empty', { status: 200, body: '' }],
  ] as const)('is recorded as an error of GitHub, and the item is synchronized: %s', async (_, outcome) => {
    const bank = await startSmallBank();
    const run = await beginListedRun({ bank });
    const github = connectWithoutRetries(bank.site);
    run.dependencies.connect = async () => ({ github, webhookSecret: '' });
    const name = await repositoryNameAt(run, 7);
    bank.site.fail({ method: 'GET', pathPrefix: hooksPath(name), times: Infinity, outcome });
    const result = await run.batch(0);

    expect(result).toMatchObject({ deferred: false, processed: 10, failedItemBankIds: [] });
    expect((await run.items()).filter(({ webhookFailure }) => webhookFailure)).toMatchObject([
      {
        repositoryName: name,
        outcome: 'created',
        webhookFound: 'unchecked',
        webhookFailure: { reason: 'GITHUB_ERROR' },
      },
    ]);
  });

  it('fails the whole batch when GitHub rejects the token', async () => {
    const bank = await startSmallBank();
    const github = connect(bank.site, 'a-bad-token');
    const run = await beginListedRun({ bank });
    run.dependencies.connect = async () => ({ github, webhookSecret: '' });
    await expect(run.batch(0)).rejects.toMatchObject({ name: 'GitHubCredentialsRejected' });
    expect(await run.items()).toEqual([]);
  });
});

describe('a wait that GitHub asks for during a batch', () => {
  const limits = { restRequestsPerHour: 7, graphqlPointsPerHour: 100 };

  it('defers the remaining ids and does not repeat the finished ones', async () => {
    const clock = createClock();
    const bank = await startSmallBank({ limits, now: clock.now });
    const run = await beginListedRun({ bank, clock });
    const before = await run.batch(0);
    expect(before).toMatchObject({ deferred: true, resumeAt: '2026-11-23T10:00:00.000Z', processed: 6 });
    expect(await run.items()).toHaveLength(6);

    clock.set(before.resumeAt);
    bank.requests(ROUTES.listHooks);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 10 });
    expect(bank.requests(ROUTES.listHooks)).toBe(4);
    expect(await run.items()).toHaveLength(10);
  });

  it('leaves the remaining ids to the next run when it reaches the deadline', async () => {
    const clock = createClock();
    const bank = await startSmallBank({ limits, now: clock.now });
    const run = await beginListedRun({ bank, clock });
    run.event.deadline = '2026-11-23T10:00:00.000Z';
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 6, failedItemBankIds: [] });

    const deferred = (await run.items()).filter(({ outcome }) => outcome === 'deferred');
    expect(deferred).toHaveLength(4);
    expect(deferred[0]).toMatchObject({ reason: 'DEADLINE', webhookFound: 'unchecked' });
    expect(await run.complete()).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringContaining('created: 6, updated: 0, unchanged: 0, removed: 0, deferred: 4'),
    });
  });
});

describe('a batch', () => {
  it('defers the remaining ids to another invocation at once when its time runs out', async () => {
    const bank = await startSmallBank();
    let leftMs = 180_700;
    const remainingTimeMs = () => {
      leftMs -= 100;
      return leftMs;
    };
    const run = await beginListedRun({ bank, overrides: { remainingTimeMs } });
    const result = await run.batch(0);
    expect(result).toMatchObject({ deferred: true, resumeAt: run.clock.now().toISOString(), processed: 5 });
    leftMs = 15 * 60_000;
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 10 });
    expect(bank.requests(ROUTES.listHooks)).toBe(10);
  });

  it('leaves all ids to the next run when it starts after the deadline', async () => {
    const bank = await startSmallBank();
    const run = await beginListedRun({ bank });
    run.clock.advance(6 * HOUR_MS);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 0 });
    expect(bank.requests(ROUTES.listHooks)).toBe(0);
    expect((await run.items()).map(({ outcome }) => outcome)).toEqual(Array(10).fill('deferred'));
  });
});
