import { describe, expect, it } from 'vitest';
import { readHeads } from '../../../functions/github/heads.ts';
import { DeferredError } from '../../../functions/shared/deferral.ts';
import { connect, ROUTES } from '../../support/bank.ts';
import { answering, bankOf, contextOf, graphqlFailure, headNode, resultsOf, TOO_MUCH } from './support.ts';

describe('a failure of one repository', () => {
  it.for([
    ['NOT_FOUND', 'REPOSITORY_NOT_FOUND'],
    ['FORBIDDEN', 'FORBIDDEN'],
    ['INSUFFICIENT_SCOPES', 'FORBIDDEN'],
    ['SERVICE_UNAVAILABLE', 'GITHUB_ERROR'],
    [undefined, 'GITHUB_ERROR'],
  ] as const)('does not affect the others: %s is %s', async ([type, reason], test) => {
    const { bank, repositories } = await bankOf(3, test);
    const errors = [{ type, message: 'GitHub says why', path: ['nodes', 1] }];
    const body = { data: { nodes: [headNode('a'), null, headNode('c')] }, errors };
    bank.site.fail(graphqlFailure(answering(body)));
    const heads = await readHeads(contextOf(bank), repositories);
    expect([...heads.values()]).toMatchObject([
      { kind: 'read', repositoryName: 'a' },
      {
        kind: 'failed',
        failure: { reason, message: 'POST /graphql: GitHub says why', githubRequestId: expect.any(String) },
      },
      { kind: 'read', repositoryName: 'c' },
    ]);
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it.for([
    ['is null without an error', null, 'answer: Invalid input: expected object, received null'],
    ['is empty', {}, 'owner: Invalid input: expected object, received undefined'],
    [
      'lacks a field',
      { ...headNode('b'), isArchived: undefined },
      'isArchived: Invalid input: expected boolean, received undefined',
    ],
    [
      'has an invalid object id',
      { ...headNode('b'), defaultBranchRef: { name: 'main', target: { oid: '../x', file: null } } },
      'defaultBranchRef.target.oid: Invalid string: must match pattern',
    ],
    ['is a string', 'b', 'answer: Invalid input: expected object, received string'],
  ] as const)('is reported for an undocumented part that %s', async ([, answer, fault], test) => {
    const { bank, repositories } = await bankOf(3, test);
    bank.site.fail(graphqlFailure(answering({ data: { nodes: [headNode('a'), answer, headNode('c')] } })));
    expect([...(await readHeads(contextOf(bank), repositories)).values()]).toMatchObject([
      { kind: 'read', repositoryName: 'a' },
      {
        kind: 'failed',
        failure: {
          reason: 'GITHUB_ERROR',
          message: expect.stringContaining(`the answer is not what GitHub documents: ${fault}`),
          githubRequestId: expect.any(String),
        },
      },
      { kind: 'read', repositoryName: 'c' },
    ]);
  });

  it('is not reported for an empty list of errors', async (test) => {
    const { bank, repositories } = await bankOf(1, test);
    bank.site.fail(graphqlFailure(answering({ data: { nodes: [headNode('a')] }, errors: [] })));
    expect(resultsOf(await readHeads(contextOf(bank), repositories))).toEqual(['read']);
  });

  it('is not reported if something optional is missing', async (test) => {
    const { bank, repositories } = await bankOf(1, test);
    const errors = [
      { type: 'NOT_FOUND', message: 'no such file', path: ['nodes', 0, 'creating', 'nodes', 0] },
    ];
    bank.site.fail(graphqlFailure(answering({ data: { nodes: [headNode('a')] }, errors })));
    expect(resultsOf(await readHeads(contextOf(bank), repositories))).toEqual(['read']);
  });

  it('is reported for any other error below it', async (test) => {
    const { bank, repositories } = await bankOf(2, test);
    const path = ['nodes', 0, 'defaultBranchRef', 'target', 'file'];
    const errors = [{ type: 'SERVICE_UNAVAILABLE', message: 'no git', path }];
    bank.site.fail(graphqlFailure(answering({ data: { nodes: [headNode('a'), headNode('b')] }, errors })));
    expect(resultsOf(await readHeads(contextOf(bank), repositories))).toEqual(['GITHUB_ERROR', 'read']);
  });

  it.for([
    ['the other branches', ['creating']],
    ['one of the other branches', ['creating', 'nodes', 0, 'target', 'file']],
    ['the time of the head', ['defaultBranchRef', 'target', 'committedDate']],
    ['whether the repository is empty', ['isEmpty']],
  ] as const)('is not reported for an error about what is not needed: %s', async ([, below], test) => {
    const { bank, repositories } = await bankOf(2, test);
    const errors = [{ type: 'SERVICE_UNAVAILABLE', message: 'no git', path: ['nodes', 0, ...below] }];
    bank.site.fail(graphqlFailure(answering({ data: { nodes: [headNode('a'), headNode('b')] }, errors })));
    expect(resultsOf(await readHeads(contextOf(bank), repositories))).toEqual(['read', 'read']);
  });

  it('is reported in the words of GitHub if the other branches are needed', async (test) => {
    const { bank, repositories } = await bankOf(1, test);
    const errors = [{ type: 'SERVICE_UNAVAILABLE', message: 'no git', path: ['nodes', 0, 'creating'] }];
    const node = { ...headNode('a'), defaultBranchRef: null, creating: null };
    bank.site.fail(graphqlFailure(answering({ data: { nodes: [node] }, errors })));
    expect([...(await readHeads(contextOf(bank), repositories)).values()]).toMatchObject([
      { failure: { reason: 'GITHUB_ERROR', message: 'POST /graphql: no git' } },
    ]);
  });
});

describe('a query that GitHub refuses as a whole', () => {
  it.for([
    ['there is no GraphQL', { status: 404, body: { message: 'Not Found' } }, 'GITHUB_ERROR'],
    [
      'the token lacks a permission',
      { status: 403, body: { message: 'Resource not accessible' } },
      'FORBIDDEN',
    ],
    ['the query is refused', { status: 400, body: { message: 'Problems parsing JSON' } }, 'GITHUB_ERROR'],
  ] as const)('is sent once more before each repository fails: %s', async ([, outcome, reason], test) => {
    const { bank, repositories } = await bankOf(3, test);
    bank.site.fail(graphqlFailure(outcome));
    expect(resultsOf(await readHeads(contextOf(bank), repositories))).toEqual(Array(3).fill('read'));
    bank.requests(ROUTES.graphql);
    bank.site.fail({ ...graphqlFailure(outcome), times: 2 });
    expect(resultsOf(await readHeads(contextOf(bank), repositories))).toEqual(Array(3).fill(reason));
    expect(bank.requests(ROUTES.graphql)).toBe(2);
  });
});

describe('a query that GitHub refuses', () => {
  it.for([
    ['a field is unknown', answering({ errors: [{ message: "Field 'x' doesn't exist" }] }), 'GITHUB_ERROR'],
    ['the error is empty', answering({ data: null, errors: [{}] }), 'GITHUB_ERROR'],
    ['the answer is empty', answering({}), 'GITHUB_ERROR'],
    ['nothing is found', answering({ data: null, errors: [{ type: 'NOT_FOUND' }] }), 'GITHUB_ERROR'],
  ] as const)('fails for each repository, and is not retried: %s', async ([, outcome, reason], test) => {
    const { bank, repositories } = await bankOf(3, test);
    bank.site.fail(graphqlFailure(outcome));
    expect(resultsOf(await readHeads(contextOf(bank), repositories))).toEqual(Array(3).fill(reason));
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it.for([200, 401, 403, 404, 500])(
    'with an HTML page and status %i is deferred like in an outage',
    async (status, test) => {
      const { bank, repositories } = await bankOf(2, test);
      bank.site.fail(
        graphqlFailure({ status, body: '<html>A proxy is in the way</html>' }, { times: Infinity }),
      );
      await expect(readHeads(contextOf(bank), repositories)).rejects.toMatchObject({
        deferral: { kind: 'outage', message: expect.stringMatching(/^POST \/graphql: \d+ /) },
      });
    },
  );
});

describe('a failure of the whole bank ends the call', () => {
  it('a rejected token', async (test) => {
    const { bank, repositories } = await bankOf(3, test);
    const context = { ...contextOf(bank), github: connect(bank.site, 'a-bad-token') };
    await expect(readHeads(context, repositories)).rejects.toMatchObject({
      name: 'GitHubCredentialsRejected',
    });
  });

  it.for([
    [
      'with an HTTP status',
      { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } },
    ],
    [
      'in an answer without data',
      answering({ errors: [{ type: 'RATE_LIMITED', message: 'used up' }] }, { 'retry-after': '60' }),
    ],
    [
      'among the errors of a partial answer',
      answering(
        {
          data: { nodes: [headNode('a'), null, null] },
          errors: [
            { type: 'NOT_FOUND', message: 'no such node', path: ['nodes', 1] },
            { message: 'You have exceeded a secondary rate limit.', path: ['nodes', 2] },
          ],
        },
        { 'retry-after': '60' },
      ),
    ],
  ] as const)('a rate limit, %s', async ([, outcome], test) => {
    const { bank, repositories } = await bankOf(3, test);
    bank.site.fail(graphqlFailure(outcome));
    const error = await readHeads(contextOf(bank), repositories).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DeferredError);
    expect(error).toMatchObject({
      deferral: { kind: 'rate-limited', resumeAt: new Date('2026-11-23T09:01:00.000Z') },
    });
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it('a rate limit while a query is halved, after which nothing more is sent', async (test) => {
    const { bank, repositories } = await bankOf(100, test);
    const limited = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } };
    bank.site.fail(graphqlFailure(TOO_MUCH, { times: 3 }));
    bank.site.fail(graphqlFailure(limited, { times: Infinity }));
    await expect(readHeads(contextOf(bank), repositories)).rejects.toBeInstanceOf(DeferredError);
    // Two queries are in flight at a time.
    expect(bank.requests(ROUTES.graphql)).toBeLessThanOrEqual(1 + 2 + 2);
  });
});
