import { describe, expect, it } from 'vitest';
import { Interrupted, RateLimited } from '../../../functions/github/github-answers.ts';
import { type HeadReading, readHeads } from '../../../functions/github/heads.ts';
import type { ItemBankId } from '../../../functions/shared/contract/ids.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { connect, ROUTES, startBank } from '../../support/bank.ts';
import { answering, graphqlFailure, headNode, listed, requestTo, TOO_MUCH } from './support.ts';

type Test = { onTestFinished: (close: () => Promise<void>) => void };

/** A bank of so many, and its repositories. Nothing was asked by GraphQL yet. */
async function bankOf(count: number, { onTestFinished }: Test) {
  const bank = await startBank({ repositories: count, withoutProjectWebhook: 0 }, onTestFinished);
  return { bank, repositories: await listed(bank) };
}

const whatIs = (readings: Map<ItemBankId, HeadReading>) =>
  [...readings.values()].map((reading) => (reading.kind === 'read' ? 'read' : reading.reason));

/** Every query that asks for this repository. */
const asksFor = ({ nodeId }: ListedRepository) => ({ bodyIncludes: nodeId, times: Infinity });

describe.concurrent('a query that GitHub cannot answer at once', () => {
  it.for([
    ['a bad gateway', { status: 502, body: '<html>Unicorn!</html>' }],
    ['a time-out of the gateway', { status: 504, body: { message: 'timeout' } }],
    ['a broken connection', { connection: 'dropped-before-work' }],
    ['a broken connection after the work', { connection: 'dropped-after-work' }],
    ['an answer that breaks off', { status: 200, body: '{"data":{"nodes":[' }],
    ['errors that are none', answering({ data: null, errors: 'all wrong' })],
    ['an error that is none', answering({ data: null, errors: [null] })],
    ['its resources', TOO_MUCH],
    [
      'its time',
      answering({
        data: null,
        errors: [
          {
            message: 'Something went wrong while executing your query. This may be the result of a timeout.',
          },
        ],
      }),
    ],
    [
      'a part that timed out',
      answering({ data: { nodes: [] }, errors: [{ message: 'Timed out', path: ['nodes', 7] }] }),
    ],
  ] as const)('is asked in two halves, and not again as it was: %s', async ([, outcome], test) => {
    const { bank, repositories } = await bankOf(100, test);
    bank.site.fail(graphqlFailure(outcome));
    const heads = await readHeads(requestTo(bank), repositories);
    expect(new Set(whatIs(heads))).toEqual(new Set(['read']));
    expect(bank.requests(ROUTES.graphql)).toBe(3);
  });

  it('is halved three times, and only where it fails', async (test) => {
    const { bank, repositories } = await bankOf(100, test);
    const [, sick] = repositories;
    if (!sick) throw new Error('The bank has a hundred.');
    bank.site.fail(graphqlFailure(TOO_MUCH, asksFor(sick)));
    const heads = await readHeads(requestTo(bank), repositories);
    expect(bank.requests(ROUTES.graphql)).toBe(1 + 2 + 2 + 2);
    expect(whatIs(heads).filter((what) => what !== 'read')).toEqual(Array(13).fill('GITHUB_ERROR'));
    expect(heads.size).toBe(100);
    expect(heads.get(sick.itemBankId)).toEqual({
      kind: 'trouble',
      reason: 'GITHUB_ERROR',
      message: 'POST /graphql: Resource limits for this query exceeded.',
      githubRequestId: expect.any(String),
    });
  });

  it('is asked no more often than that when GitHub answers nothing at all', async (test) => {
    const { bank, repositories } = await bankOf(100, test);
    bank.site.fail(graphqlFailure(TOO_MUCH, { times: Infinity }));
    expect(new Set(whatIs(await readHeads(requestTo(bank), repositories)))).toEqual(
      new Set(['GITHUB_ERROR']),
    );
    expect(bank.requests(ROUTES.graphql)).toBe(1 + 2 + 4 + 8);
    expect(bank.site.traffic.mostInFlight).toBeLessThanOrEqual(2);
  });

  it('and is about one repository is made again as other requests are', async (test) => {
    const { bank, repositories } = await bankOf(1, test);
    bank.site.fail(graphqlFailure({ status: 502, body: '' }, { times: 2 }));
    expect(whatIs(await readHeads(requestTo(bank), repositories))).toEqual(['read']);
    expect(bank.requests(ROUTES.graphql)).toBe(3);
  });

  it('gives at last what is there beside the fault', async (test) => {
    const { bank, repositories } = await bankOf(16, test);
    const [sound, sick] = repositories;
    if (!sound || !sick) throw new Error('The bank has sixteen.');
    const errors = [{ message: 'Something went wrong while executing your query.', path: ['nodes', 1] }];
    const body = { data: { nodes: [headNode(sound.repositoryName), null] }, errors };
    bank.site.fail(graphqlFailure(answering(body), asksFor(sick)));
    const heads = await readHeads(requestTo(bank), repositories);
    expect(whatIs(heads).filter((what) => what !== 'read')).toEqual(['GITHUB_ERROR']);
    expect(heads.get(sick.itemBankId)).toMatchObject({
      message: 'POST /graphql: Something went wrong while executing your query.',
      githubRequestId: expect.any(String),
    });
  });
});

describe.concurrent('a query that gets no answer when no time is left', () => {
  const PAUSE = { resumeAt: new Date('2026-11-23T09:00:01.000Z'), why: 'the function is out of time' };
  const late = { stop: () => PAUSE };

  it('is neither halved nor made again, and the work pauses', async (test) => {
    const { bank, repositories } = await bankOf(100, test);
    bank.site.fail(graphqlFailure({ status: 502, body: '' }));
    await expect(readHeads({ ...requestTo(bank), ...late }, repositories)).rejects.toMatchObject({
      name: 'Interrupted',
      resumeAt: PAUSE.resumeAt,
      message: 'GitHub left a query unanswered, and the function is out of time',
    });
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it('is made once where it is about one repository', async (test) => {
    const { bank, repositories } = await bankOf(1, test);
    bank.site.fail(graphqlFailure({ status: 502, body: '' }));
    const reading = readHeads({ ...requestTo(bank), ...late }, repositories);
    await expect(reading).rejects.toBeInstanceOf(Interrupted);
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it('in halves is asked in no smaller ones', async (test) => {
    const { bank, repositories } = await bankOf(100, test);
    bank.site.fail(graphqlFailure(TOO_MUCH, { times: Infinity }));
    let asked = 0;
    const stop = () => {
      asked += 1;
      return asked > 1 ? PAUSE : undefined;
    };
    const reading = readHeads({ ...requestTo(bank), stop }, repositories);
    await expect(reading).rejects.toBeInstanceOf(Interrupted);
    expect(bank.requests(ROUTES.graphql)).toBeLessThanOrEqual(3);
  });

  it('is no matter where GitHub answers', async (test) => {
    const { bank, repositories } = await bankOf(3, test);
    expect(whatIs(await readHeads({ ...requestTo(bank), ...late }, repositories))).toEqual(
      Array(3).fill('read'),
    );
  });
});

describe.concurrent('trouble with one repository', () => {
  it.for([
    ['NOT_FOUND', 'REPOSITORY_NOT_FOUND'],
    ['FORBIDDEN', 'FORBIDDEN'],
    ['INSUFFICIENT_SCOPES', 'FORBIDDEN'],
    ['SERVICE_UNAVAILABLE', 'GITHUB_ERROR'],
    [undefined, 'GITHUB_ERROR'],
  ] as const)('is not that of the others: %s is %s', async ([type, reason], test) => {
    const { bank, repositories } = await bankOf(3, test);
    const errors = [{ type, message: 'GitHub says why', path: ['nodes', 1] }];
    const body = { data: { nodes: [headNode('a'), null, headNode('c')] }, errors };
    bank.site.fail(graphqlFailure(answering(body)));
    const heads = await readHeads(requestTo(bank), repositories);
    expect([...heads.values()]).toMatchObject([
      { kind: 'read', name: 'a' },
      {
        kind: 'trouble',
        reason,
        message: 'POST /graphql: GitHub says why',
        githubRequestId: expect.any(String),
      },
      { kind: 'read', name: 'c' },
    ]);
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it.for([
    ['is null without a word', null],
    ['is no repository', {}],
    ['lacks a field', { ...headNode('b'), isArchived: undefined }],
    [
      'has an object id that is none',
      { ...headNode('b'), defaultBranchRef: { name: 'main', target: { oid: '../x' } } },
    ],
    ['is a text', 'b'],
  ] as const)('is an answer of another shape, which %s', async ([, answer], test) => {
    const { bank, repositories } = await bankOf(3, test);
    bank.site.fail(graphqlFailure(answering({ data: { nodes: [headNode('a'), answer, headNode('c')] } })));
    expect([...(await readHeads(requestTo(bank), repositories)).values()]).toMatchObject([
      { kind: 'read', name: 'a' },
      {
        kind: 'trouble',
        reason: 'GITHUB_ERROR',
        message: 'the answer is not what GitHub documents',
        githubRequestId: expect.any(String),
      },
      { kind: 'read', name: 'c' },
    ]);
  });

  it('is not a list of errors without any', async (test) => {
    const { bank, repositories } = await bankOf(1, test);
    bank.site.fail(graphqlFailure(answering({ data: { nodes: [headNode('a')] }, errors: [] })));
    expect(whatIs(await readHeads(requestTo(bank), repositories))).toEqual(['read']);
  });

  it('is not that a part is missing which need not be there', async (test) => {
    const { bank, repositories } = await bankOf(1, test);
    const errors = [
      { type: 'NOT_FOUND', message: 'no such file', path: ['nodes', 0, 'creating', 'nodes', 0] },
    ];
    bank.site.fail(graphqlFailure(answering({ data: { nodes: [headNode('a')] }, errors })));
    expect(whatIs(await readHeads(requestTo(bank), repositories))).toEqual(['read']);
  });

  it('is any other fault below it', async (test) => {
    const { bank, repositories } = await bankOf(2, test);
    const errors = [{ type: 'SERVICE_UNAVAILABLE', message: 'no git', path: ['nodes', 0, 'creating'] }];
    bank.site.fail(graphqlFailure(answering({ data: { nodes: [headNode('a'), headNode('b')] }, errors })));
    expect(whatIs(await readHeads(requestTo(bank), repositories))).toEqual(['GITHUB_ERROR', 'read']);
  });
});

describe.concurrent('a query that GitHub refuses', () => {
  it.for([
    [
      'it does not know a field',
      answering({ errors: [{ message: "Field 'x' doesn't exist" }] }),
      'GITHUB_ERROR',
    ],
    ['it has no GraphQL', { status: 404, body: { message: 'Not Found' } }, 'GITHUB_ERROR'],
    ['the token may not', { status: 403, body: { message: 'Resource not accessible' } }, 'FORBIDDEN'],
    ['it does not say why', answering({ data: null, errors: [{}] }), 'GITHUB_ERROR'],
    ['it says nothing', answering({}), 'GITHUB_ERROR'],
    ['it finds nothing at all', answering({ data: null, errors: [{ type: 'NOT_FOUND' }] }), 'GITHUB_ERROR'],
  ] as const)('is trouble with each, and is not asked again: %s', async ([, outcome, reason], test) => {
    const { bank, repositories } = await bankOf(3, test);
    bank.site.fail(graphqlFailure(outcome));
    expect(whatIs(await readHeads(requestTo(bank), repositories))).toEqual(Array(3).fill(reason));
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it.for([200, 401, 403, 404, 500])(
    'with a page of HTML and %i is trouble with each',
    async (status, test) => {
      const { bank, repositories } = await bankOf(2, test);
      bank.site.fail(
        graphqlFailure({ status, body: '<html>A proxy is in the way</html>' }, { times: Infinity }),
      );
      expect(whatIs(await readHeads(requestTo(bank), repositories))).toEqual(Array(2).fill('GITHUB_ERROR'));
    },
  );
});

describe.concurrent('what concerns the whole bank ends the call', () => {
  it('a token that GitHub does not accept', async (test) => {
    const { bank, repositories } = await bankOf(3, test);
    const request = { ...requestTo(bank), github: connect(bank.site, 'a-bad-token') };
    await expect(readHeads(request, repositories)).rejects.toMatchObject({
      name: 'GitHubCredentialsRejected',
    });
  });

  it.for([
    ['as HTTP says it', { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } }],
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
  ] as const)('a wish to wait, %s', async ([, outcome], test) => {
    const { bank, repositories } = await bankOf(3, test);
    bank.site.fail(graphqlFailure(outcome));
    const failure = await readHeads(requestTo(bank), repositories).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RateLimited);
    expect(failure).toMatchObject({ resumeAt: new Date('2026-11-23T09:01:00.000Z') });
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it('a wish to wait while a query is halved, and nothing is asked after it', async (test) => {
    const { bank, repositories } = await bankOf(100, test);
    const limited = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } };
    bank.site.fail(graphqlFailure(TOO_MUCH, { times: 3 }));
    bank.site.fail(graphqlFailure(limited, { times: Infinity }));
    await expect(readHeads(requestTo(bank), repositories)).rejects.toBeInstanceOf(RateLimited);
    // Two are under way at a time.
    expect(bank.requests(ROUTES.graphql)).toBeLessThanOrEqual(1 + 2 + 2);
  });
});
