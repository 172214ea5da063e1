import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { connect, HTML, ORGANIZATION, ROUTES } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { beginRun, nightlyRuns } from '../../support/run.ts';
import { answering, graphqlFailure } from '../github/support.ts';
import {
  createItem,
  freshMirrorOf,
  HEADS,
  HISTORIES,
  itemText,
  mirrored,
  mirrorTwoItems,
  outcomesOf,
  startEmptyBank,
  TEXTS,
  withoutRetries,
} from './support.ts';

const newTable = useDynamoDb();
const MISSING_NODE = { type: 'NOT_FOUND', message: 'Could not resolve to a node' };
const HIDDEN_NODE = { type: 'FORBIDDEN', message: 'Resource not accessible by integration' };

const Heads = z.object({ data: z.object({ nodes: z.array(z.looseObject({ name: z.string() })) }) });

describe('GitHub has no good answer', () => {
  it.each([
    ['of the heads', HEADS],
    ['of the histories', HISTORIES],
    ['of the files', TEXTS],
  ])('%s but a page: every item fails by itself, and the run ends', async (_, bodyIncludes) => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1');
    await createItem(bank, 'item-2');
    bank.site.fail(graphqlFailure(HTML, { bodyIncludes, times: Infinity }));
    const night = nightlyRuns({ newTable, bank, overrides: withoutRetries(bank) });
    const run = await night();
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'GITHUB_ERROR', 'item-2': 'GITHUB_ERROR' });
    expect(run.exit).toMatchObject({ status: 'COMPLETED', exitCode: 'COMPLETED_WITH_FAILURES' });

    bank.site.mend();
    expect(await outcomesOf(await night())).toEqual({ 'item-1': 'created', 'item-2': 'created' });
  });

  it('of many at once: they are asked for in halves, and all are done', async () => {
    const bank = await startEmptyBank();
    for (const id of ['1', '2', '3', '4']) await createItem(bank, `item-${id}`, itemText(id));
    bank.site.fail(graphqlFailure({ status: 502, body: '<html>Unicorn!</html>' }, { bodyIncludes: HEADS }));
    const run = await beginRun({ newTable, bank });
    await run.list();
    bank.requests(ROUTES.graphql);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 4, failedItemBankIds: [] });
    // All heads and two halves; the histories; the files.
    expect(bank.requests(ROUTES.graphql)).toBe(3 + 1 + 1);
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});

describe('GitHub has no good answer for one repository', () => {
  it.each([
    ['is gone', MISSING_NODE, 'REPOSITORY_NOT_FOUND', 'unchecked'],
    ['is hidden from the token', HIDDEN_NODE, 'FORBIDDEN', 'present'],
  ])('that %s: it fails by itself, and its item stays', async (_, error, reason, webhookFound) => {
    const { bank, item, night } = await mirrorTwoItems(newTable);
    const hideFirst = (answer: unknown) => {
      const { data } = Heads.parse(answer);
      return {
        data: { nodes: [null, ...data.nodes.slice(1)] },
        errors: [{ ...error, path: ['nodes', 0] }],
      };
    };
    bank.site.fail(graphqlFailure({ change: hideFirst }, { bodyIncludes: HEADS }));
    const run = await night();
    expect(await run.items()).toMatchObject([
      {
        repositoryName: 'item-1',
        outcome: 'failed',
        reason,
        webhookFound,
        message: `POST /graphql: ${error.message}`,
        githubRequestId: expect.any(String),
      },
      { repositoryName: 'item-2', outcome: 'unchanged' },
    ]);
    expect((await mirrored(run, item)).item).toMatchObject({ itemId: '1', failure: { reason } });
    expect(await outcomesOf(await night())).toEqual({ 'item-1': 'unchanged', 'item-2': 'unchanged' });
    expect((await mirrored(run, item)).item).not.toHaveProperty('failure');
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});

describe('a repository whose name would lead elsewhere', () => {
  const Page = z.array(z.looseObject({ name: z.string() }));

  it.each(['..', '.', 'a/b', '%2e%2e', 'item-1?a=b', '../../user'])(
    'is asked for by its id alone: %s',
    async (name) => {
      const bank = await startEmptyBank();
      await createItem(bank, 'item-1');
      const renamed = (repositories: { name: string }[]) =>
        repositories.map((repository) => ({ ...repository, name }));
      const listing = { change: (page: unknown) => renamed(Page.parse(page)) };
      bank.site.fail({ method: 'GET', pathPrefix: `/orgs/${ORGANIZATION}/repos`, outcome: listing });
      const heads = {
        change: (answer: unknown) => ({ data: { nodes: renamed(Heads.parse(answer).data.nodes) } }),
      };
      bank.site.fail(graphqlFailure(heads, { bodyIncludes: HEADS }));
      const before = new Map(bank.site.traffic.requests);
      const run = await nightlyRuns({ newTable, bank })();

      expect(await run.items()).toMatchObject([
        {
          outcome: 'created',
          repositoryName: name,
          webhookFound: 'unchecked',
          webhookFailure: { reason: 'REPOSITORY_NAME_INVALID' },
        },
      ]);
      expect(run.exit.exitMessage).toContain('project webhooks not checked: 1');
      const asked = [...bank.site.traffic.requests].filter(
        ([route, requests]) => requests > (before.get(route) ?? 0),
      );
      expect(asked.map(([route]) => route).sort()).toEqual([
        ROUTES.organization,
        ROUTES.listing,
        ROUTES.graphql,
      ]);
    },
  );
});

describe('a token that is revoked while a run works', () => {
  const REVOKED = { status: 401, body: { message: 'Bad credentials' } } as const;

  const expectRejected = async (work: Promise<unknown>): Promise<void> => {
    await expect(work).rejects.toMatchObject({ name: 'GitHubCredentialsRejected' });
  };

  it('after the listing ends the batch, and the run at the latest before it removes anything', async () => {
    const { bank, night } = await mirrorTwoItems(newTable);
    const { dependencies, clock } = await night();
    const mirror = await mirrorOf(dependencies.itemsTable);
    const run = await beginRun({ newTable, bank, tables: dependencies, clock });
    await run.list();
    const github = connect(bank.site, 'a-revoked-token');
    run.dependencies.connect = async () => ({ github, webhookSecret: '' });
    await expectRejected(run.batch(0));
    expect(await run.createWebhooks()).toMatchObject({ deferred: false });
    await expectRejected(run.remove());
    expect(await run.items()).toEqual([]);
    expect(await mirrorOf(dependencies.itemsTable)).toEqual(mirror);
  });

  it.each([
    ['heads', { bodyIncludes: HEADS }],
    ['histories', { bodyIncludes: HISTORIES }],
    ['files', { bodyIncludes: TEXTS }],
  ])('before the %s are read ends the batch, and nothing is recorded', async (_, matching) => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1');
    const run = await beginRun({ newTable, bank });
    await run.list();
    bank.site.fail(graphqlFailure(REVOKED, matching));
    await expectRejected(run.batch(0));
    expect(await run.items()).toEqual([]);
    await run.batch(0);
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'created' });
  });
});

describe('an answer of GraphQL that says nothing', () => {
  it.each([
    ['has no data', answering({ data: null })],
    ['has no nodes', answering({ data: {} })],
    ['is a list', answering([])],
  ])('which %s, fails every item by itself, and the next run finds them', async (_, outcome) => {
    const { bank, night } = await mirrorTwoItems(newTable);
    bank.site.fail(graphqlFailure(outcome, { bodyIncludes: HEADS, times: Infinity }));
    const run = await night({ overrides: withoutRetries(bank) });
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'GITHUB_ERROR', 'item-2': 'GITHUB_ERROR' });
    bank.site.mend();
    expect(await outcomesOf(await night())).toEqual({ 'item-1': 'unchanged', 'item-2': 'unchanged' });
  });
});
