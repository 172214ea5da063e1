import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { connect, HTML, ORGANIZATION, ROUTES } from '../../support/bank.ts';
import { useDynamoDb } from '../../support/dynamodb.ts';
import { mirrorOf } from '../../support/items-table.ts';
import { beginRun, nightlyRuns } from '../../support/run.ts';
import { answering, graphqlFailure } from '../github/support.ts';
import { mirrorTwoItems } from './mirrored-bank.ts';
import {
  createItem,
  freshMirrorOf,
  HEADS,
  HISTORIES,
  itemText,
  mirrored,
  outcomesOf,
  startEmptyBank,
  TEXTS,
  withoutRetries,
} from './support.ts';

const newTable = useDynamoDb();
const MISSING_NODE = { type: 'NOT_FOUND', message: 'Could not resolve to a node' };
const HIDDEN_NODE = { type: 'FORBIDDEN', message: 'Resource not accessible by integration' };

const Heads = z.object({ data: z.object({ nodes: z.array(z.looseObject({ name: z.string() })) }) });

describe('an invalid GraphQL response', () => {
  it.each([
    ['heads', HEADS],
    ['histories', HISTORIES],
    ['files', TEXTS],
  ])('to the query for %s fails each item, and the run completes', async (_, bodyIncludes) => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1');
    await createItem(bank, 'item-2');
    bank.site.fail(graphqlFailure(HTML, { bodyIncludes, times: Infinity }));
    const nextRun = nightlyRuns({ newTable, bank, overrides: withoutRetries(bank) });
    const run = await nextRun();
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'GITHUB_ERROR', 'item-2': 'GITHUB_ERROR' });
    expect(run.exit).toMatchObject({ status: 'COMPLETED', exitCode: 'COMPLETED_WITH_FAILURES' });

    bank.site.mend();
    expect(await outcomesOf(await nextRun())).toEqual({ 'item-1': 'created', 'item-2': 'created' });
  });

  it('to a query for many repositories is retried with half as many, and no item fails', async () => {
    const bank = await startEmptyBank();
    for (const id of ['1', '2', '3', '4']) await createItem(bank, `item-${id}`, itemText(id));
    bank.site.fail(graphqlFailure({ status: 502, body: '<html>Unicorn!</html>' }, { bodyIncludes: HEADS }));
    const run = await beginRun({ newTable, bank });
    await run.list();
    bank.requests(ROUTES.graphql);
    expect(await run.batch(0)).toMatchObject({ deferred: false, processed: 4, failedItemBankIds: [] });
    // Three queries for heads: all of them, then both halves. One for histories, one for files, and one for the heads again.
    expect(bank.requests(ROUTES.graphql)).toBe(3 + 1 + 1 + 1);
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});

describe('a GraphQL error for one repository', () => {
  it.each([
    ['the repository is gone', MISSING_NODE, 'REPOSITORY_NOT_FOUND', 'unchecked'],
    ['the token may not see the repository', HIDDEN_NODE, 'FORBIDDEN', 'present'],
  ])('fails only this repository and keeps its item: %s', async (_, error, reason, webhookFound) => {
    const { bank, item, nextRun } = await mirrorTwoItems(newTable);
    const hideFirst = (answer: unknown) => {
      const { data } = Heads.parse(answer);
      return {
        data: { nodes: [null, ...data.nodes.slice(1)] },
        errors: [{ ...error, path: ['nodes', 0] }],
      };
    };
    bank.site.fail(graphqlFailure({ change: hideFirst }, { bodyIncludes: HEADS, times: 2 }));
    const run = await nextRun();
    expect(await run.items()).toMatchObject([
      {
        repositoryName: 'item-1',
        outcome: 'failed',
        reason,
        webhookFound,
        message: `POST /graphql: ${error.message}`,
        githubRequestId: expect.any(String),
      },
    ]);
    expect(await outcomesOf(run)).toEqual({ 'item-1': reason, 'item-2': 'unchanged' });
    expect((await mirrored(run, item)).item).toMatchObject({ itemId: '1', failure: { reason } });
    expect(await outcomesOf(await nextRun())).toEqual({ 'item-1': 'unchanged', 'item-2': 'unchanged' });
    expect((await mirrored(run, item)).item).not.toHaveProperty('failure');
    expect(await mirrorOf(run.dependencies.itemsTable)).toEqual(await freshMirrorOf(bank, newTable));
  });
});

describe('a commit without a time', () => {
  const Histories = z.object({ data: z.record(z.string(), z.looseObject({ object: z.unknown() })) });
  const History = z.looseObject({
    history: z.looseObject({
      nodes: z.array(z.looseObject({ authoredDate: z.string(), committedDate: z.string() })),
    }),
  });
  const withoutTimes = (answer: unknown) => {
    const entries = Object.entries(Histories.parse(answer).data).map(([alias, part]) => {
      const { history } = History.parse(part.object);
      const nodes = history.nodes.map((node) => ({ ...node, authoredDate: null, committedDate: null }));
      return [alias, { ...part, object: { history: { ...history, nodes } } }];
    });
    return { data: Object.fromEntries(entries) };
  };

  it('costs the item only its times', async () => {
    const bank = await startEmptyBank();
    const item = await createItem(bank, 'item-1');
    bank.site.fail(graphqlFailure({ change: withoutTimes }, { bodyIncludes: HISTORIES }));
    const nextRun = nightlyRuns({ newTable, bank });
    const run = await nextRun();
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'created' });
    const { item: row, revisions } = await mirrored(run, item);
    expect(row).toMatchObject({ itemId: '1', createdBy: 'Greta Lindqvist', updatedBy: 'Greta Lindqvist' });
    expect(row).not.toHaveProperty('createdAt');
    expect(row).not.toHaveProperty('updatedAt');
    expect(revisions).toMatchObject([{ author: 'Greta Lindqvist', authorLogin: 'glindqvist' }]);
    for (const time of ['authoredAt', 'committedAt']) expect(revisions[0]).not.toHaveProperty(time);
    expect(await outcomesOf(await nextRun())).toEqual({ 'item-1': 'unchanged' });
  });
});

describe('a repository whose name would change the URL', () => {
  const Page = z.array(z.looseObject({ name: z.string() }));

  it.each(['..', '.', 'a/b', '%2e%2e', 'item-1?a=b', '../../user'])(
    'is requested only by its id: %s',
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
      bank.site.fail(graphqlFailure(heads, { bodyIncludes: HEADS, times: 2 }));
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
      const sent = [...bank.site.traffic.requests].filter(
        ([route, requests]) => requests > (before.get(route) ?? 0),
      );
      expect(sent.map(([route]) => route).sort()).toEqual([ROUTES.listing, ROUTES.graphql]);
    },
  );
});

describe('a token that is revoked during a run', () => {
  const REVOKED = { status: 401, body: { message: 'Bad credentials' } } as const;

  const expectRejected = async (work: Promise<unknown>): Promise<void> => {
    await expect(work).rejects.toMatchObject({ name: 'GitHubCredentialsRejected' });
  };

  it('fails the batch and the removal step, and changes nothing', async () => {
    const { bank, run: mirroring } = await mirrorTwoItems(newTable);
    const { dependencies, clock } = mirroring;
    const mirror = await mirrorOf(dependencies.itemsTable);
    await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo: 'item-2' });
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
  ])('fails the batch before the %s are read, and records no outcome', async (_, matching) => {
    const bank = await startEmptyBank();
    await createItem(bank, 'item-1');
    const run = await beginRun({ newTable, bank });
    await run.list();
    bank.site.fail(graphqlFailure(REVOKED, { ...matching, times: 2 }));
    await expectRejected(run.batch(0));
    expect(await run.items()).toEqual([]);
    await run.batch(0);
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'created' });
  });
});

describe('a GraphQL response without repositories', () => {
  it.each([
    ['no data', answering({ data: null })],
    ['no nodes', answering({ data: {} })],
    ['a list', answering([])],
  ])('fails each item until the next run: %s', async (_, outcome) => {
    const { bank, nextRun } = await mirrorTwoItems(newTable);
    bank.site.fail(graphqlFailure(outcome, { bodyIncludes: HEADS, times: Infinity }));
    const run = await nextRun({ overrides: withoutRetries(bank) });
    expect(await outcomesOf(run)).toEqual({ 'item-1': 'GITHUB_ERROR', 'item-2': 'GITHUB_ERROR' });
    bank.site.mend();
    expect(await outcomesOf(await nextRun())).toEqual({ 'item-1': 'unchanged', 'item-2': 'unchanged' });
  });
});
