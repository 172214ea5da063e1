import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readBatch } from '../../../functions/executions/batch.ts';
import { readListing } from '../../../functions/executions/listing.ts';
import { ORGANIZATION, ROUTES, reportTotalCount, startBank } from '../../support/bank.ts';
import { createClock, HOUR_MS } from '../../support/clock.ts';
import { allRows, useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun } from '../../support/run.ts';

const newTable = useDynamoDb();
const EACH_PAGE = { method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}/repos`, times: Infinity } as const;
const PAGE = z.array(z.object({ name: z.string() }));

/** Ends with the id by which GitHub's support can find the request. */
const WITH_REQUEST_ID = / \(GitHub request id [^)]+\)$/;

describe('listing the bank', () => {
  it('writes evenly sized batches of at most 100 ids and returns their ranges', async () => {
    const bank = await startBank();
    const run = await beginRun({ newTable, bank });
    const { executionsTable } = run.dependencies;
    const result = await run.list();

    expect(result).toMatchObject({ deferred: false, workers: 3 });
    expect(result.batches.map(({ batch, count }) => [batch, count])).toEqual([
      [0, 77],
      [1, 77],
      [2, 76],
    ]);
    const work = await readBatch(executionsTable, run.event.jobExecutionId, 2);
    expect(work.remaining).toEqual(work.repositories);
    expect(work.repositories.map(({ itemBankId }) => itemBankId)).toEqual(
      expect.arrayContaining([result.batches[2]?.firstItemBankId, result.batches[2]?.lastItemBankId]),
    );
    expect(await readListing(executionsTable, run.event.jobExecutionId)).toMatchObject({
      announced: 230,
      found: 230,
      complete: true,
      total: 230,
      batches: result.batches,
    });
  });

  it('logs the listing in the original wording', async () => {
    const clock = createClock();
    const bank = await startBank();
    const { github } = bank;
    const access = async () => {
      clock.advance(111_000);
      return { github, webhookSecret: '' };
    };
    const run = await beginRun({ newTable, bank, clock, overrides: { connect: access } });
    await run.list();
    expect(run.log.messages()).toEqual([
      'getting item bank ids from source control',
      'retrieved 230 item bank ids from source control in 111 seconds',
      'forecast: 230 webhook checks, 3 GraphQL queries; rate limits off',
    ]);
  });

  it('returns the same result on retry without asking GitHub', async () => {
    const bank = await startBank();
    const run = await beginRun({ newTable, bank });
    const first = await run.list();
    const rows = await allRows(run.dependencies.executionsTable);
    const requestsBefore = new Map(bank.site.traffic.requests);

    expect(await run.list()).toEqual(first);
    expect(bank.site.traffic.requests).toEqual(requestsBefore);
    expect(await allRows(run.dependencies.executionsTable)).toEqual(rows);
  });

  it('leaves out ignored repositories', async () => {
    const bank = await startBank({ repositories: 3, withoutProjectWebhook: 0 });
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    const [kept, ...others] = data.map(({ name }) => name);
    const ignored = new Set(others);
    const run = await beginRun({ newTable, bank, overrides: { ignored } });
    await run.list();

    const work = await readBatch(run.dependencies.executionsTable, run.event.jobExecutionId, 0);
    expect(work.repositories.map(({ repositoryName: name }) => name)).toEqual([kept]);
    expect(await readListing(run.dependencies.executionsTable, run.event.jobExecutionId)).toMatchObject({
      announced: 3,
      found: 3,
      complete: true,
      total: 1,
    });
  });

  it('returns no batches but one worker for an empty bank', async () => {
    const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0 });
    const run = await beginRun({ newTable, bank });
    expect(await run.list()).toMatchObject({ deferred: false, batches: [], workers: 1 });
    expect(await run.all()).toMatchObject({
      exitCode: 'COMPLETED',
      exitMessage:
        'Total item bank ids: 0, number of items requiring project webhook: 0, created: 0, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 0',
    });
    expect(bank.requests(ROUTES.organization)).toBe(0);
  });
});

describe('a listing that does not match the repository count', () => {
  it('is repeated', async () => {
    const bank = await startBank();
    bank.site.fail(reportTotalCount(231, 1));
    const run = await beginRun({ newTable, bank });
    await run.list();
    expect(bank.requests(ROUTES.listing)).toBe(6);
    expect(await readListing(run.dependencies.executionsTable, run.event.jobExecutionId)).toMatchObject({
      complete: true,
    });
  });

  it('is repeated and misses no repository when one is deleted between two pages', async () => {
    const bank = await startBank({ repositories: 102, withoutProjectWebhook: 0 });
    const deleteFirst = async (page: unknown) => {
      const [first] = PAGE.parse(page);
      await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo: first?.name ?? '' });
      return page;
    };
    bank.site.fail({ ...EACH_PAGE, times: 1, outcome: { change: deleteFirst } });
    const run = await beginRun({ newTable, bank });
    await run.list();
    expect(bank.requests(ROUTES.listing)).toBe(4);
    expect(await readListing(run.dependencies.executionsTable, run.event.jobExecutionId)).toMatchObject({
      announced: 101,
      found: 101,
      complete: true,
      total: 101,
    });
  });

  it('is incomplete, and names the fields, if a repository cannot be read', async () => {
    const bank = await startBank({ repositories: 3, withoutProjectWebhook: 0 });
    const page = z.array(z.looseObject({ name: z.string() }));
    const change = (answer: unknown) =>
      page
        .parse(answer)
        .map((each, index) => (index === 1 ? { ...each, node_id: null, name: 'item-2' } : each));
    bank.site.fail({ ...EACH_PAGE, outcome: { change } });
    const run = await beginRun({ newTable, bank });
    await run.list();
    expect(run.log.messages().slice(-2)).toEqual([
      'incomplete listing: found 2 of 3 repositories',
      '1 repositories of the listing cannot be read, the first is item-2: node_id: Invalid input: expected string, received null',
    ]);
    await run.batches();
    expect(await run.complete()).toMatchObject({
      exitCode: 'INCOMPLETE_LISTING',
      exitMessage: expect.stringContaining('created: 2'),
    });
    const listing = await readListing(run.dependencies.executionsTable, run.event.jobExecutionId);
    expect(listing).not.toHaveProperty('unreadable');
  });

  it('is used and marked as incomplete after three attempts', async () => {
    const bank = await startBank({ repositories: 5, withoutProjectWebhook: 1 });
    bank.site.fail(reportTotalCount(6, Infinity));
    const run = await beginRun({ newTable, bank });
    const { batches } = await run.list();
    expect(bank.requests(ROUTES.listing)).toBe(3);
    expect(batches).toHaveLength(1);
    expect(run.log.messages()).toContain('incomplete listing: found 5 of 6 repositories');

    await run.batches();
    expect(await run.complete()).toMatchObject({
      status: 'COMPLETED',
      exitCode: 'INCOMPLETE_LISTING',
      exitMessage:
        'Total item bank ids: 5, number of items requiring project webhook: 1, created: 5, updated: 0, unchanged: 0, removed: 0, deferred: 0, failed: 0, project webhooks not created: 1, incomplete listing: found 5 of 6 repositories',
    });
  });
});

describe('a wait that GitHub asks for during the listing', () => {
  it('defers the listing until the rate limit resets', async () => {
    const clock = createClock();
    const limits = { restRequestsPerHour: 4, graphqlPointsPerHour: 100 };
    const bank = await startBank({ limits, now: clock.now });
    for (let used = 0; used < 2; used += 1) await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
    const run = await beginRun({ newTable, bank, clock });

    const deferred = { deferred: true, resumeAt: '2026-11-23T10:00:00.000Z', batches: [], workers: 1 };
    expect(await run.list()).toEqual(deferred);
    expect(run.log.messages().at(-1)).toMatch(/^waiting until 2026-11-23T10:00:00.000Z \(rate limited\): /);
    expect(run.log.messages().at(-1)).toMatch(WITH_REQUEST_ID);
    expect(await readListing(run.dependencies.executionsTable, run.event.jobExecutionId)).toBeUndefined();
    clock.set(deferred.resumeAt);
    expect(await run.list()).toMatchObject({ deferred: false, workers: 3 });
  });

  it('defers the listing when GraphQL asks for it with status 200', async () => {
    const clock = createClock();
    const limits = { restRequestsPerHour: 100, graphqlPointsPerHour: 1 };
    const bank = await startBank({ limits, now: clock.now });
    const run = await beginRun({ newTable, bank, clock });
    expect(await run.list()).toMatchObject({ deferred: true, resumeAt: '2026-11-23T10:00:00.000Z' });
  });

  it('fails the run when it ends after the deadline', async () => {
    const clock = createClock();
    const bank = await startBank();
    const headers = { 'retry-after': String((6 * HOUR_MS) / 1_000) };
    bank.site.fail({ ...EACH_PAGE, outcome: { status: 429, headers, body: { message: 'slow down' } } });
    const run = await beginRun({ newTable, bank, clock });
    await expect(run.list()).rejects.toMatchObject({
      name: 'GitHubRateLimited',
      message: expect.stringMatching(
        /^GitHub asks to wait beyond the deadline: .*slow down \(GitHub request id \S+\)$/,
      ),
      details: { githubRequestId: expect.any(String) },
    });
  });
});
