import { describe, expect, it } from 'vitest';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import type { Deferral } from '../../../functions/shared/deferral.ts';
import { ROUTES } from '../../support/bank.ts';
import { answering, graphqlFailure, headNode, knownBankOf, resultsOf, TOO_MUCH } from './support.ts';

/** Matches every query about this repository. */
const queriesAbout = ({ nodeId }: ListedRepository) => ({ bodyIncludes: nodeId, times: Infinity });

describe('a query that GitHub cannot answer', () => {
  it.for([
    ['a bad gateway', { status: 502, body: '<html>Unicorn!</html>' }],
    ['a gateway timeout', { status: 504, body: { message: 'timeout' } }],
    ['a broken connection', { connection: 'dropped-before-work' }],
    ['a connection that breaks after the work', { connection: 'dropped-after-work' }],
    ['a truncated answer', { status: 200, body: '{"data":{"nodes":[' }],
    ['malformed errors', answering({ data: null, errors: 'all wrong' })],
    ['a malformed error', answering({ data: null, errors: [null] })],
    ['exceeded resources', TOO_MUCH],
    [
      'an internal error',
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
  ] as const)('is sent in two halves, and not retried: %s', async ([, outcome], test) => {
    const { bank, readHeadsOf } = await knownBankOf(100, test);
    bank.site.fail(graphqlFailure(outcome));
    const heads = await readHeadsOf();
    expect(new Set(resultsOf(heads))).toEqual(new Set(['read']));
    expect(bank.requests(ROUTES.graphql)).toBe(3);
  });

  it('is halved until the repository that GitHub cannot answer about is alone', async (test) => {
    const { bank, repositories, readHeadsOf } = await knownBankOf(100, test);
    const [, broken] = repositories;
    if (!broken) throw new Error('The bank has a hundred.');
    bank.site.fail(graphqlFailure(TOO_MUCH, queriesAbout(broken)));
    const heads = await readHeadsOf();
    expect(bank.requests(ROUTES.graphql)).toBe(1 + 7 * 2);
    expect(resultsOf(heads).filter((result) => result !== 'read')).toEqual(['GITHUB_ERROR']);
    expect(heads.size).toBe(100);
    expect(heads.get(broken.itemBankId)).toEqual({
      kind: 'failed',
      failure: {
        reason: 'GITHUB_ERROR',
        message: 'POST /graphql: Resource limits for this query exceeded.',
        githubRequestId: expect.any(String),
      },
    });
  });

  it.for([
    ['side by side', [5, 6]],
    ['far apart', [5, 80]],
    ['at the ends', [0, 99]],
  ] as const)(
    'fails only the two repositories that GitHub cannot answer about: %s',
    async ([, places], test) => {
      const { bank, repositories, readHeadsOf } = await knownBankOf(100, test);
      const broken = repositories.filter((_, index) => places.some((place) => place === index));
      for (const each of broken) bank.site.fail(graphqlFailure(TOO_MUCH, queriesAbout(each)));
      const heads = await readHeadsOf();
      const failed = [...heads].filter(([, { kind }]) => kind === 'failed').map(([id]) => id);
      expect(new Set(failed)).toEqual(new Set(broken.map(({ itemBankId }) => itemBankId)));
    },
  );

  it('fails one of two repositories', async (test) => {
    const { bank, repositories, readHeadsOf } = await knownBankOf(2, test);
    const [, broken] = repositories;
    if (!broken) throw new Error('The bank has two.');
    bank.site.fail(graphqlFailure({ status: 502, body: '' }, queriesAbout(broken)));
    expect(resultsOf(await readHeadsOf())).toEqual(['read', 'GITHUB_ERROR']);
  });

  it('is halved no more than three times if GitHub answers nothing at all', async (test) => {
    const { bank, readHeadsOf } = await knownBankOf(100, test);
    bank.site.fail(graphqlFailure(TOO_MUCH, { times: Infinity }));
    expect(new Set(resultsOf(await readHeadsOf()))).toEqual(new Set(['GITHUB_ERROR']));
    expect(bank.requests(ROUTES.graphql)).toBe(1 + 2 + 4 + 8);
    expect(bank.site.traffic.mostInFlight).toBeLessThanOrEqual(2);
  });

  it('is halved no more than three times if GitHub stops to answer', async (test) => {
    const { bank, repositories, readHeadsOf } = await knownBankOf(200, test);
    const [first] = repositories;
    if (!first) throw new Error('The bank has two hundred.');
    bank.site.fail(graphqlFailure({ change: (answer) => answer }, queriesAbout(first)));
    bank.site.fail(graphqlFailure(TOO_MUCH, { times: Infinity }));
    const results = resultsOf(await readHeadsOf());
    expect(results.filter((result) => result === 'read')).toHaveLength(100);
    expect(bank.requests(ROUTES.graphql)).toBe(1 + 1 + 2 + 4 + 8);
  });

  it('is retried if it is about one repository', async (test) => {
    const { bank, readHeadsOf } = await knownBankOf(1, test);
    bank.site.fail(graphqlFailure({ status: 502, body: '' }, { times: 2 }));
    expect(resultsOf(await readHeadsOf())).toEqual(['read']);
    // Before the last attempt, GraphQL is asked whether it is up.
    expect(bank.requests(ROUTES.graphql)).toBe(3 + 1);
  });

  it('yields the data beside the errors if GitHub answers no query without an error', async (test) => {
    const { bank, readHeadsOf } = await knownBankOf(16, test);
    const errors = [{ message: 'Something went wrong while executing your query.', path: ['nodes', 1] }];
    const body = { data: { nodes: [headNode('item-1'), null] }, errors };
    bank.site.fail(graphqlFailure(answering(body), { times: Infinity }));
    const heads = await readHeadsOf();
    expect(resultsOf(heads)).toEqual(Array(8).fill(['read', 'GITHUB_ERROR']).flat());
    expect([...heads.values()][1]).toMatchObject({
      failure: {
        message: 'POST /graphql: Something went wrong while executing your query.',
        githubRequestId: expect.any(String),
      },
    });
  });
});

describe('a repository that GitHub could not answer about', () => {
  /** A bank of a hundred, with the query for one of them failed. */
  async function afterOneFailure(test: Parameters<typeof knownBankOf>[1]) {
    const { bank, repositories, readHeadsOf } = await knownBankOf(100, test);
    const [, broken] = repositories;
    if (!broken) throw new Error('The bank has a hundred.');
    bank.site.fail(graphqlFailure(TOO_MUCH, queriesAbout(broken)));
    await readHeadsOf();
    bank.requests(ROUTES.graphql);
    return { bank, readHeadsOf };
  }

  it('is queried last and alone, once', async (test) => {
    const { bank, readHeadsOf } = await afterOneFailure(test);
    const results = resultsOf(await readHeadsOf());
    // The others in two queries, because the one for all of them was too large.
    expect(bank.requests(ROUTES.graphql)).toBe(2 + 1);
    expect(results.at(-1)).toBe('GITHUB_ERROR');
    expect(results.filter((result) => result !== 'read')).toHaveLength(1);
  });

  it('does not keep the others waiting if no time is left', async (test) => {
    const { readHeadsOf } = await afterOneFailure(test);
    const stop = (): Deferral => ({ kind: 'out-of-time', resumeAt: new Date(), message: 'out of time' });
    const results = resultsOf(await readHeadsOf({ stop }));
    // One query for half of the others, and one for it. The next invocation queries the rest.
    expect(results).toEqual([...Array(49).fill('read'), 'GITHUB_ERROR']);
  });

  it('is queried with the others once GitHub answers again', async (test) => {
    const { bank, readHeadsOf } = await afterOneFailure(test);
    bank.site.mend();
    // The size of queries grows again: from 50 to 63.
    for (const queries of [2 + 1, 2]) {
      const heads = await readHeadsOf();
      expect(new Set(resultsOf(heads))).toEqual(new Set(['read']));
      expect(bank.requests(ROUTES.graphql)).toBe(queries);
    }
  });
});

describe('a query without an answer when no time is left', () => {
  const DEFERRAL: Deferral = {
    kind: 'out-of-time',
    resumeAt: new Date('2026-11-23T09:00:01.000Z'),
    message: 'the function is out of time',
  };
  const late = { stop: () => DEFERRAL };

  it('is neither halved nor retried, and the work is deferred', async (test) => {
    const { bank, readHeadsOf } = await knownBankOf(100, test);
    bank.site.fail(graphqlFailure({ status: 502, body: '' }));
    await expect(readHeadsOf(late)).rejects.toMatchObject({
      name: 'DeferredError',
      deferral: {
        ...DEFERRAL,
        message: 'GitHub did not answer a query, and the function is out of time',
      },
    });
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it('is not retried if it is about one repository', async (test) => {
    const { bank, readHeadsOf } = await knownBankOf(1, test);
    bank.site.fail(graphqlFailure({ status: 502, body: '' }));
    const reading = readHeadsOf(late);
    await expect(reading).rejects.toMatchObject({ deferral: { kind: 'out-of-time' } });
    // After the only attempt, GraphQL is asked whether it is up.
    expect(bank.requests(ROUTES.graphql)).toBe(1 + 1);
  });

  it('is not halved again if the time runs out after a halving', async (test) => {
    const { bank, readHeadsOf } = await knownBankOf(100, test);
    bank.site.fail(graphqlFailure(TOO_MUCH, { times: Infinity }));
    let calls = 0;
    const stop = () => {
      calls += 1;
      return calls > 1 ? DEFERRAL : undefined;
    };
    const reading = readHeadsOf({ stop });
    await expect(reading).rejects.toMatchObject({ deferral: { kind: 'out-of-time' } });
    expect(bank.requests(ROUTES.graphql)).toBeLessThanOrEqual(3);
  });

  it('does not stop queries that GitHub answers', async (test) => {
    const { readHeadsOf } = await knownBankOf(3, test);
    expect(resultsOf(await readHeadsOf(late))).toEqual(Array(3).fill('read'));
  });
});
