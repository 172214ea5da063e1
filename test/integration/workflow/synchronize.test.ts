import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../functions/executions/progress.ts';
import { connect, FORBIDDEN, HTML, hooksPath, ROUTES, startBank } from '../../support/bank.ts';
import { createClock, HOUR_MS } from '../../support/clock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run, type RunOptions } from '../../support/run.ts';

const newTable = useDynamoDb();

/** A run whose bank is listed. */
async function listed(options: Omit<RunOptions, 'table'>): Promise<Run> {
  const run = await beginRun({ table: await newTable(), ...options });
  await run.list();
  return run;
}

async function nameIn(run: Run, batch: number, index = 0): Promise<string> {
  const { repositories } = await readBatch(run.dependencies.table, run.event.jobExecutionId, batch);
  return repositories[index]?.name ?? '';
}

describe('synchronizing the batches', () => {
  it('looks at each repository once and counts what it saw', async () => {
    const bank = await startBank();
    const run = await listed({ bank });
    const results = await run.batches();

    expect(results.map(({ processed }) => processed)).toEqual([100, 100, 30]);
    expect(results.reduce((sum, { requiringProjectWebhook }) => sum + requiringProjectWebhook, 0)).toBe(4);
    expect(results.flatMap(({ failedItemBankIds }) => failedItemBankIds)).toEqual([]);
    expect(results.map(({ deferred }) => deferred)).toEqual([false, false, false]);
    expect(bank.requests(ROUTES.listHooks)).toBe(230);
    expect(bank.site.traffic.mostInFlight).toBeLessThanOrEqual(9);
  });

  it('leaves a row for each item bank id, with its webhook as it was found', async () => {
    const run = await listed({ bank: await startBank() });
    const { repositories } = await readBatch(run.dependencies.table, run.event.jobExecutionId, 2);
    await run.batch(2);
    const items = await run.items();

    expect(items.map(({ itemBankId }) => itemBankId).sort()).toEqual(
      repositories.map(({ itemBankId }) => itemBankId).sort(),
    );
    const thirtyDays = Date.parse('2026-12-23T09:00:00Z') / 1_000;
    for (const item of items) {
      expect(item).toMatchObject({ outcome: 'checked', durationMs: 0, expiresAt: thirtyDays });
      expect(['present', 'missing']).toContain(item.webhookFound);
      expect(item.webhookLeft).toBe(item.webhookFound);
    }
  });

  it('reports each finished batch to whoever follows the log', async () => {
    const run = await listed({ bank: await startBank() });
    await run.batch(2);
    expect(run.log.lines.at(-1)).toEqual({
      level: 'INFO',
      message: 'processed batch 3 of 3: 30 item bank ids',
      attributes: { progress: { processed: 30, total: 230 } },
    });
  });

  it('does not ask for the webhooks of an archived repository, which can have no new one', async () => {
    const bank = await startBank();
    const { data } = await bank.github.rest.repos.listForOrg({ org: 'item-bank', direction: 'asc' });
    const name = data[0]?.name ?? '';
    await bank.github.rest.repos.update({ owner: 'item-bank', repo: name, archived: true });
    const run = await listed({ bank });
    await run.batch(0);
    expect(bank.requests(ROUTES.listHooks)).toBe(99);
    expect((await run.items()).find(({ repository }) => repository === name)).toMatchObject({
      outcome: 'checked',
      webhookFound: 'archived',
    });
  });

  it('of a finished batch again changes nothing and asks GitHub nothing', async () => {
    const bank = await startBank();
    const run = await listed({ bank });
    const first = await run.batch(0);
    const rows = await allRows(run.dependencies.table);
    bank.requests(ROUTES.listHooks);

    expect(await run.batch(0)).toEqual(first);
    expect(await allRows(run.dependencies.table)).toEqual(rows);
    expect(bank.requests(ROUTES.listHooks)).toBe(0);
  });

  it('twice at the same moment counts nothing twice', async () => {
    const run = await listed({ bank: await startBank() });
    const [one, other] = await Promise.all([run.batch(2), run.batch(2)]);
    expect(one).toEqual(other);
    expect(one.processed).toBe(30);
  });

  it('by an execution that has lost the lock stops at once and writes nothing', async () => {
    const bank = await startBank();
    const run = await listed({ bank });
    const rows = await allRows(run.dependencies.table);
    run.event.executionArn = 'the-one-before';
    await expect(run.complete()).rejects.toMatchObject({ name: 'ExecutionSuperseded' });
    await expect(run.batch(0)).rejects.toMatchObject({ name: 'ExecutionSuperseded' });
    await expect(run.createWebhooks()).rejects.toMatchObject({ name: 'ExecutionSuperseded' });
    expect(await allRows(run.dependencies.table)).toEqual(rows);
    expect(bank.requests(ROUTES.listHooks)).toBe(0);
  });

  it('of a batch that was never written is an error that says so', async () => {
    const run = await listed({ bank: await startBank() });
    await expect(run.batch(3)).rejects.toMatchObject({ name: 'RowMissing', retry: 'never' });
  });
});

describe('trouble with one repository', () => {
  it.each([
    ['the token lacks the permission', FORBIDDEN],
    ['GitHub hides it from the token', { status: 404, body: { message: 'Not Found' } }],
  ])('is its own outcome, and the others are done: %s', async (_, outcome) => {
    const bank = await startBank();
    const run = await listed({ bank });
    const name = await nameIn(run, 0);
    bank.site.fail({ method: 'GET', pathPrefix: hooksPath(name), outcome });
    const result = await run.batch(0);

    expect(result).toMatchObject({ deferred: false, processed: 100 });
    expect(result.failedItemBankIds).toHaveLength(1);
    const failed = (await run.items()).filter((item) => item.outcome === 'failed');
    expect(failed).toMatchObject([
      {
        repository: name,
        itemBankId: result.failedItemBankIds[0],
        webhookFound: 'forbidden',
        reason: 'FORBIDDEN',
        message: `GET ${hooksPath(name)}: ${outcome.status} ${outcome.body.message}`,
        githubRequestId: expect.any(String),
      },
    ]);
    expect(run.log.lines.filter(({ level }) => level === 'WARN')).toHaveLength(1);
  });

  it('is told from trouble with the token, which ends the batch', async () => {
    const bank = await startBank();
    const github = connect(bank.site, 'a-bad-token');
    const run = await listed({ bank });
    run.dependencies.connect = async () => ({ github, webhookSecret: '' });
    await expect(run.batch(0)).rejects.toMatchObject({ name: 'GitHubCredentialsRejected' });
    expect(await run.items()).toEqual([]);
  });
});

describe.concurrent('a repository whose webhooks GitHub cannot tell', () => {
  it.for([
    ['it has a fault', { status: 500, body: { message: 'Server Error' } }],
    ['something answers in its place', HTML],
    ['the answer is cut off', { status: 200, body: '[{"id": 1, "config"' }],
    ['the answer is empty', { status: 200, body: '' }],
  ] as const)('fails alone: %s', async ([, outcome], { onTestFinished, expect }) => {
    const bank = await startBank({}, onTestFinished);
    const run = await listed({ bank });
    const name = await nameIn(run, 2);
    bank.site.fail({ method: 'GET', pathPrefix: hooksPath(name), times: Infinity, outcome });
    const result = await run.batch(2);

    expect(result).toMatchObject({ deferred: false, processed: 30 });
    expect(result.failedItemBankIds).toHaveLength(1);
    expect((await run.items()).filter((item) => item.outcome === 'failed')).toMatchObject([
      { repository: name, webhookFound: 'unchecked', reason: 'GITHUB_ERROR' },
    ]);
  });
});

describe('GitHub asks to wait in the middle', () => {
  it('and what was done is kept, and the rest is done later, once', async () => {
    const clock = createClock();
    const limits = { restRequestsPerHour: 63, graphqlPointsPerHour: 100 };
    const bank = await startBank({ limits, now: clock.now });
    const run = await listed({ bank, clock });
    const before = await run.batch(0);
    expect(before).toMatchObject({ deferred: true, resumeAt: '2026-11-23T10:00:00.000Z', processed: 60 });
    expect(await run.items()).toHaveLength(60);

    clock.set(before.resumeAt);
    bank.requests(ROUTES.listHooks);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 100 });
    expect(bank.requests(ROUTES.listHooks)).toBe(40);
    expect(await run.items()).toHaveLength(100);
  });

  it('until after the deadline, and the rest is left to the next run by name', async () => {
    const clock = createClock();
    const limits = { restRequestsPerHour: 63, graphqlPointsPerHour: 100 };
    const bank = await startBank({ limits, now: clock.now });
    const run = await listed({ bank, clock });
    run.event.deadline = '2026-11-23T10:00:00.000Z';
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 60, failedItemBankIds: [] });

    const left = (await run.items()).filter(({ outcome }) => outcome === 'deferred');
    expect(left).toHaveLength(40);
    expect(left[0]).toMatchObject({ reason: 'DEADLINE', webhookFound: 'unchecked' });
    await run.batches();
    expect(await run.complete()).toMatchObject({
      exitCode: 'COMPLETED_WITH_FAILURES',
      exitMessage: expect.stringContaining('deferred: 170'),
    });
  });
});

describe('time', () => {
  it('that runs out defers the rest to another invocation, at once', async () => {
    const bank = await startBank();
    let left = 61_000;
    const remainingTimeMs = () => {
      left -= 100;
      return left;
    };
    const run = await listed({ bank, overrides: { remainingTimeMs } });
    const result = await run.batch(0);
    expect(result).toMatchObject({ deferred: true, resumeAt: run.clock.now().toISOString(), processed: 9 });
    left = 15 * 60_000;
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 100 });
    expect(bank.requests(ROUTES.listHooks)).toBe(100);
  });

  it('beyond the deadline leaves the rest to the next run', async () => {
    const bank = await startBank();
    const run = await listed({ bank });
    run.clock.advance(6 * HOUR_MS);
    expect(await run.batch(2)).toMatchObject({ deferred: false, processed: 0 });
    expect(bank.requests(ROUTES.listHooks)).toBe(0);
    expect((await run.items()).map(({ outcome }) => outcome)).toEqual(Array(30).fill('deferred'));
  });
});
