import { describe, expect, it } from 'vitest';
import {
  type Bank,
  type connect,
  hooksPath,
  ORGANIZATION,
  OUTAGES,
  ROUTES,
  startBank,
  takeDown,
} from '../../support/bank.ts';
import { HOUR_MS } from '../../support/clock.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { beginRun, type Run } from '../../support/run.ts';
import { accessTo } from '../../support/shared-access.ts';
import { graphqlFailure } from '../github/support.ts';
import { runBeforeRemoval } from '../removal/support.ts';

const newTable = useDynamoDb();

const REPOSITORIES = 6;
const ALWAYS = { times: Number.POSITIVE_INFINITY };

async function listedRun(repositories = REPOSITORIES): Promise<{ bank: Bank; run: Run }> {
  const bank = await startBank({ repositories, withoutProjectWebhook: 1 });
  const run = await beginRun({ newTable, bank });
  await run.list();
  return { bank, run };
}

/** The step is done by another container from now on. */
function newContainer(
  bank: Bank,
  { dependencies, clock }: Run,
  options: Parameters<typeof connect>[2] = {},
): void {
  dependencies.connect = accessTo(bank, dependencies.executionsTable, { clock, ...options });
}

/** Waits as the state machine does. @returns the seconds. */
function waitFor({ clock }: Run, { resumeAt }: { resumeAt: string }): number {
  const seconds = (Date.parse(resumeAt) - clock.now().getTime()) / 1_000;
  clock.set(resumeAt);
  return seconds;
}

describe('an outage of GitHub', () => {
  it.each(Object.entries(OUTAGES))(
    'defers a batch with growing waits, and fails nothing: %s',
    async (_, outcome) => {
      const { bank, run } = await listedRun();
      takeDown(bank.site, outcome);
      const waits: number[] = [];
      for (let attempt = 1; attempt <= 7; attempt += 1) {
        const result = await run.batch(0);
        expect(result).toMatchObject({ deferred: true, processed: 0 });
        waits.push(waitFor(run, result));
      }
      expect(waits).toEqual([30, 60, 120, 240, 480, 600, 600]);
      bank.site.mend();
      expect(await run.batch(0)).toMatchObject({ deferred: false, processed: REPOSITORIES });
      expect((await run.complete()).exitMessage).toContain('failed: 0');
      expect(run.log.messages()).toContainEqual(
        expect.stringMatching(
          /^batch 1 of 1: 6 item bank ids deferred until 2026-11-23T09:00:30.000Z \(GitHub is down\): POST \/graphql: /,
        ),
      );
    },
  );

  it('defers a batch if answers never arrive', async () => {
    const { bank, run } = await listedRun();
    takeDown(bank.site, { delayMs: Number.POSITIVE_INFINITY });
    newContainer(bank, run, { requestTimeoutMs: 50 });
    expect(await run.batch(0)).toMatchObject({ deferred: true, resumeAt: '2026-11-23T09:00:30.000Z' });
    bank.site.mend();
    run.clock.advance(30_000);
    newContainer(bank, run);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: REPOSITORIES });
  });

  it('is known to containers that did not notice it, so that waits grow and nothing is sent', async () => {
    const { bank, run } = await listedRun();
    takeDown(bank.site);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      newContainer(bank, run);
      const noticed = await run.batch(0);
      newContainer(bank, run);
      bank.requests(ROUTES.graphql);
      expect(await run.batch(0)).toMatchObject({ deferred: true, resumeAt: noticed.resumeAt });
      expect(bank.requests(ROUTES.graphql)).toBe(0);
      waits.push(waitFor(run, noticed));
    }
    expect(waits).toEqual([30, 60, 120]);
  });

  it('is counted once if several workers notice it', async () => {
    const { bank, run } = await listedRun();
    takeDown(bank.site);
    newContainer(bank, run);
    const [first, second] = await Promise.all([run.batch(0), run.batch(0)]);
    expect(second.resumeAt).toBe(first.resumeAt);
    waitFor(run, first);
    newContainer(bank, run);
    expect(waitFor(run, await run.batch(0))).toBe(60);
  });

  it('leaves the items of a batch to the next run at the deadline', async () => {
    const { bank, run } = await listedRun();
    takeDown(bank.site);
    run.event.deadline = '2026-11-23T09:01:00.000Z';
    waitFor(run, await run.batch(0));
    expect(await run.batch(0)).toMatchObject({ deferred: false, failedItemBankIds: [] });
    expect((await run.complete()).exitMessage).toContain(`deferred: ${REPOSITORIES}, failed: 0`);
  });

  it('begins with a short wait again after GitHub was up for long', async () => {
    const { bank, run } = await listedRun();
    takeDown(bank.site);
    for (const seconds of [30, 60]) expect(waitFor(run, await run.batch(0))).toBe(seconds);
    run.clock.advance(HOUR_MS);
    expect(waitFor(run, await run.batch(0))).toBe(30);
  });

  it('keeps what was done of a batch', async () => {
    const { bank, run } = await listedRun();
    // GitHub goes down with the second check.
    const [, second] = (await bank.github.rest.repos.listForOrg({ org: ORGANIZATION })).data;
    const change = (answer: unknown) => {
      takeDown(bank.site);
      return answer;
    };
    bank.site.fail({ method: 'GET', pathPrefix: hooksPath(second?.name ?? ''), outcome: { change } });
    const before = await run.batch(0);
    expect(before).toMatchObject({ deferred: true, failedItemBankIds: [] });
    bank.site.mend();
    waitFor(run, before);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: REPOSITORIES });
    expect((await run.items()).filter(({ webhookFailure }) => webhookFailure)).toEqual([]);
  });

  it('of GraphQL alone defers a batch too', async () => {
    const { bank, run } = await listedRun();
    bank.site.fail(graphqlFailure(OUTAGES['GitHub answers 503'], ALWAYS));
    expect(waitFor(run, await run.batch(0))).toBe(30);
    bank.site.mend();
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: REPOSITORIES });
  });

  it('defers the creation of webhooks, and marks none as not created', async () => {
    const { bank, run } = await listedRun();
    await run.batch(0);
    takeDown(bank.site);
    expect(waitFor(run, await run.createWebhooks())).toBe(30);
    bank.site.mend();
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    expect((await run.complete()).exitCode).toBe('COMPLETED');
  });

  it.each([
    ['the visibility', ROUTES.organization],
    ['a candidate', ROUTES.repositoryById],
  ])('defers the removal: %s', async (_, route) => {
    const { bank, run } = await runBeforeRemoval(
      newTable,
      { items: 4, deleted: [1, 2, 3] },
      { overrides: { limitPercent: 100 } },
    );
    const isOrganization = route === ROUTES.organization;
    if (isOrganization) takeDown(bank.site);
    else {
      bank.site.fail({
        method: 'GET',
        pathPrefix: '/repositories/',
        ...ALWAYS,
        outcome: OUTAGES['connections are dropped'],
      });
      bank.site.fail({
        method: 'GET',
        pathPrefix: '/rate_limit',
        ...ALWAYS,
        outcome: OUTAGES['connections are dropped'],
      });
    }
    expect(waitFor(run, await run.remove())).toBe(30);
    bank.site.mend();
    expect(await run.remove()).toMatchObject({ deferred: false });
    expect((await run.complete()).exitMessage).toContain('removed: 3, deferred: 0, failed: 0');
  });
});

describe('a repository for which GitHub never answers', () => {
  it.each([1, REPOSITORIES])('fails alone, and does not defer its batch of %i', async (repositories) => {
    const { bank, run } = await listedRun(repositories);
    const [repository] = (await bank.github.rest.repos.listForOrg({ org: ORGANIZATION })).data;
    if (!repository) throw new Error('the bank has a repository');
    const bodyIncludes = repository.node_id;
    bank.site.fail(graphqlFailure(OUTAGES['GitHub answers 503'], { bodyIncludes, ...ALWAYS }));
    expect(await run.batch(0)).toMatchObject({
      deferred: false,
      processed: repositories,
      failedItemBankIds: [repository.id],
    });
  });

  it('is not checked, and does not defer its batch', async () => {
    const { bank, run } = await listedRun();
    const [repository] = (await bank.github.rest.repos.listForOrg({ org: ORGANIZATION })).data;
    const outcome = OUTAGES['connections are dropped'];
    bank.site.fail({ method: 'GET', pathPrefix: hooksPath(repository?.name ?? ''), ...ALWAYS, outcome });
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: REPOSITORIES });
    const unchecked = (await run.items()).filter(({ webhookFailure }) => webhookFailure);
    expect(unchecked).toMatchObject([{ itemBankId: repository?.id, outcome: 'created' }]);
  });
});
