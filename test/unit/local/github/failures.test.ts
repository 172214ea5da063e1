import { describe, expect, it } from 'vitest';
import { createFailures, type InjectedFailure } from '../../../../local/github/failures.ts';

const outcome = { status: 502 };
const met = (failure: InjectedFailure, method: string, url: string, body = '') => {
  const failures = createFailures();
  failures.add(failure);
  return failures.take({ method, url, bodyText: () => body }) !== undefined;
};

describe('createFailures', () => {
  it.each([
    { failure: { method: 'GET', pathPrefix: '/repos/' }, request: ['GET', '/repos/a/b'], expected: true },
    { failure: { method: 'get', pathPrefix: '/' }, request: ['GET', '/repos/a/b'], expected: true },
    { failure: { method: 'POST', pathPrefix: '/repos/' }, request: ['GET', '/repos/a/b'], expected: false },
    { failure: { method: 'GET', pathPrefix: '/orgs/' }, request: ['GET', '/repos/a/b'], expected: false },
  ] as const)('applies $failure to $request: $expected', ({ failure, request: [method, url], expected }) => {
    expect(met({ ...failure, outcome }, method, url)).toBe(expected);
  });

  it('distinguishes GraphQL queries by their text', () => {
    const failure = { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'nodes(ids', outcome };
    expect(met(failure, 'POST', '/graphql', '{"query":"{ nodes(ids: []) { id } }"}')).toBe(true);
    expect(met(failure, 'POST', '/graphql', '{"query":"{ rateLimit { cost } }"}')).toBe(false);
  });

  it('uses up failures after the given number of requests, oldest first', () => {
    const failures = createFailures();
    failures.add({ method: 'GET', pathPrefix: '/', times: 2, outcome: { status: 500 } });
    failures.add({ method: 'GET', pathPrefix: '/', outcome: { status: 503 } });
    const take = () => failures.take({ method: 'GET', url: '/', bodyText: () => '' });
    expect([take(), take(), take(), take()]).toEqual([
      { status: 500 },
      { status: 500 },
      { status: 503 },
      undefined,
    ]);
  });

  it('removes all failures when mended', () => {
    const failures = createFailures();
    failures.add({ method: 'GET', pathPrefix: '/', times: Number.POSITIVE_INFINITY, outcome });
    failures.mend();
    expect(failures.take({ method: 'GET', url: '/', bodyText: () => '' })).toBeUndefined();
  });
});
