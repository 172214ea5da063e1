import { GraphqlResponseError } from '@octokit/graphql';
import { RequestError } from '@octokit/request-error';
import { describe, expect, it } from 'vitest';
import {
  type Answer,
  bankTrouble,
  failureOf,
  RateLimited,
  repositoryTrouble,
  troubleOf,
} from '../../../../functions/github/github-answers.ts';

const NOW = new Date('2026-11-23T09:00:00.000Z');
const CLOCK = { now: () => NOW };
const RESET = Date.parse('2026-11-23T09:40:00.000Z') / 1_000;
const limitedUntil = (time: string) => ({ kind: 'rate-limited', resumeAt: new Date(`2026-11-23T${time}Z`) });
const answer = (status: number, rest: Partial<Answer> = {}): Answer => ({
  status,
  headers: {},
  message: '',
  ...rest,
});

describe('an answer of GitHub', () => {
  it.each([
    ['401', answer(401), { kind: 'credentials-rejected' }],
    [
      '401 that looks like a limit',
      answer(401, { headers: { 'retry-after': '5' } }),
      { kind: 'credentials-rejected' },
    ],
    ['403 with retry-after', answer(403, { headers: { 'retry-after': '90' } }), limitedUntil('09:01:30')],
    ['429 with retry-after', answer(429, { headers: { 'retry-after': '6' } }), limitedUntil('09:00:06')],
    ['no wait at all', answer(429, { headers: { 'retry-after': '0' } }), limitedUntil('09:00:05')],
    [
      'retry-after, which goes before the reset',
      answer(403, {
        headers: { 'retry-after': '30', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET },
      }),
      limitedUntil('09:00:30'),
    ],
    [
      '403 with nothing remaining',
      answer(403, { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(RESET) } }),
      limitedUntil('09:40:00'),
    ],
    [
      '429 with nothing remaining',
      answer(429, { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET } }),
      limitedUntil('09:40:00'),
    ],
    [
      'nothing remaining, and no reset',
      answer(403, { headers: { 'x-ratelimit-remaining': '0' } }),
      limitedUntil('09:01:00'),
    ],
    [
      '403 with one remaining, which is no limit',
      answer(403, { headers: { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': RESET } }),
      { kind: 'forbidden' },
    ],
    [
      '403 with one remaining that says it is a limit: the reset is of another',
      answer(403, {
        headers: { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': RESET },
        message: 'You have exceeded a secondary rate limit.',
      }),
      limitedUntil('09:01:00'),
    ],
    ['429 that says nothing', answer(429), limitedUntil('09:01:00')],
    [
      'a retry-after that is no number',
      answer(429, { headers: { 'retry-after': 'soon' } }),
      limitedUntil('09:01:00'),
    ],
    [
      '403 of an archived repository',
      answer(403, { message: 'Repository was archived so is read-only.' }),
      { kind: 'archived' },
    ],
    [
      '403 of a missing permission',
      answer(403, { message: 'Resource not accessible by integration' }),
      { kind: 'forbidden' },
    ],
    ['404', answer(404), { kind: 'not-found' }],
    [
      '404 with nothing remaining',
      answer(404, { headers: { 'x-ratelimit-remaining': '0' } }),
      { kind: 'not-found' },
    ],
    ['410', answer(410), { kind: 'not-found' }],
    ['451', answer(451), { kind: 'not-found' }],
    ['400', answer(400), { kind: 'refused' }],
    ['422', answer(422, { message: 'Hook already exists on this repository' }), { kind: 'refused' }],
    ['499', answer(499), { kind: 'refused' }],
    ['500', answer(500), { kind: 'unavailable' }],
    ['503 with retry-after', answer(503, { headers: { 'retry-after': '30' } }), { kind: 'unavailable' }],
    ['200, which is not the wanted one', answer(200), { kind: 'unavailable' }],
    ['401 with a page', answer(401, { message: '<html>Sign in</html>' }), { kind: 'unavailable' }],
    ['403 with a page', answer(403, { message: '\n<!DOCTYPE html>' }), { kind: 'unavailable' }],
    ['404 with a page', answer(404, { message: '<html>No such page</html>' }), { kind: 'unavailable' }],
    [
      'a page that asks to wait',
      answer(429, { message: '<html>', headers: { 'retry-after': '60' } }),
      limitedUntil('09:01:00'),
    ],
  ])('means what the table says: %s', (_, given, trouble) => {
    expect(troubleOf(given, CLOCK)).toEqual(trouble);
  });

  it.each([
    ['a retry-after', answer(429, { headers: { 'retry-after': '30' } }), '09:00:32.500'],
    [
      'a reset',
      answer(403, { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET } }),
      '09:40:02.500',
    ],
    ['no time', answer(429), '09:01:30.000'],
  ])('has workers come back at moments of their own: %s', (_, given, time) => {
    expect(troubleOf(given, { ...CLOCK, random: () => 0.5 })).toEqual(limitedUntil(time));
  });
});

const REQUEST = {
  method: 'GET',
  url: 'https://api.github.com/orgs/bank/repos?page=2',
  headers: { authorization: 'token secret-token' },
} as const;

describe('a failed request', () => {
  it('is told by its path, without its query and its token', () => {
    const headers = { 'x-github-request-id': 'ABCD:1' };
    const response = { status: 404, url: REQUEST.url, headers, data: {}, retryCount: 0 };
    const failure = failureOf(new RequestError('Not Found', 404, { request: REQUEST, response }), CLOCK);
    expect(failure).toEqual({
      trouble: { kind: 'not-found' },
      message: 'GET /orgs/bank/repos: 404 Not Found',
      githubRequestId: 'ABCD:1',
    });
  });

  it('without an answer is trouble with GitHub', () => {
    const error = new RequestError('read ECONNRESET', 500, { request: REQUEST });
    expect(failureOf(error, CLOCK)).toEqual({
      trouble: { kind: 'unavailable' },
      message: 'GET /orgs/bank/repos: 500 read ECONNRESET',
    });
  });

  it('is told by its route where that is all there is', () => {
    const request = { ...REQUEST, method: 'POST', url: '/graphql' } as const;
    const { message } = failureOf(new RequestError('Something went wrong', 500, { request }), CLOCK);
    expect(message).toBe('POST /graphql: 500 Something went wrong');
  });

  it('is not what another error is', () => {
    const error = new TypeError('a bug of ours');
    expect(() => failureOf(error, CLOCK)).toThrow(error);
  });
});

function graphqlError(type: string | undefined, headers: Record<string, string> = {}) {
  const errors = [{ type, message: `a ${type}`, path: ['organization'] }];
  return new GraphqlResponseError({ method: 'POST', url: '/graphql' }, headers, {
    data: null,
    errors: errors as never,
  });
}

describe('an error of GraphQL, which arrives with status 200', () => {
  const exhausted = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(RESET) };

  it.each([
    ['NOT_FOUND', {}, { kind: 'not-found' }],
    ['FORBIDDEN', {}, { kind: 'forbidden' }],
    ['INSUFFICIENT_SCOPES', {}, { kind: 'forbidden' }],
    ['RATE_LIMIT', exhausted, limitedUntil('09:40:00')],
    ['RATE_LIMITED', exhausted, limitedUntil('09:40:00')],
    ['RATE_LIMITED', {}, limitedUntil('09:01:00')],
    ['SOMETHING_NEW', {}, { kind: 'unavailable' }],
    [undefined, {}, { kind: 'unavailable' }],
  ])('means by its type what REST means by its status: %s %o', (type, headers, trouble) => {
    const failure = failureOf(graphqlError(type, headers), CLOCK);
    expect(failure.trouble).toEqual(trouble);
    expect(failure.message).toBe(`POST /graphql: a ${type}`);
  });

  it('that tells of a secondary limit by its message is one', () => {
    const error = graphqlError(undefined, { 'retry-after': '20' });
    const [first] = error.errors ?? [];
    if (first) first.message = 'You have exceeded a secondary rate limit.';
    expect(failureOf(error, CLOCK).trouble).toEqual(limitedUntil('09:00:20'));
  });

  it('of a limit is the one that counts, wherever it stands', () => {
    const error = graphqlError('NOT_FOUND', { 'retry-after': '20' });
    error.errors?.push({ ...error.errors[0], type: 'RATE_LIMITED', message: 'used up' });
    expect(failureOf(error, CLOCK)).toMatchObject({
      trouble: limitedUntil('09:00:20'),
      message: 'POST /graphql: used up',
    });
  });

  it("keeps GitHub's id of the request", () => {
    expect(failureOf(graphqlError('FORBIDDEN', { 'x-github-request-id': 'F:1' }), CLOCK)).toMatchObject({
      githubRequestId: 'F:1',
    });
  });
});

describe('trouble with the whole bank', () => {
  const cause = new Error('the answer');

  it('is a wait where GitHub asks for one', () => {
    const trouble = bankTrouble(cause, { trouble: { kind: 'rate-limited', resumeAt: NOW }, message: 'wait' });
    expect(trouble).toBeInstanceOf(RateLimited);
    expect(trouble).toMatchObject({ name: 'RateLimited', resumeAt: NOW, message: 'wait' });
  });

  it("keeps GitHub's id of the request: a wait in its words, an error in its details", () => {
    const identified = { message: 'why', githubRequestId: 'F:1' };
    const trouble = { kind: 'rate-limited', resumeAt: NOW } as const;
    expect(bankTrouble(cause, { ...identified, trouble }).message).toBe('why (GitHub request id F:1)');
    expect(bankTrouble(cause, { ...identified, trouble: { kind: 'unavailable' } })).toMatchObject({
      details: { githubRequestId: 'F:1' },
    });
  });

  it.each([
    ['credentials-rejected', 'GitHubCredentialsRejected'],
    ['not-found', 'OrganizationNotFound'],
    ['forbidden', 'OrganizationNotFound'],
    ['archived', 'GitHubUnavailable'],
    ['refused', 'GitHubUnavailable'],
    ['unavailable', 'GitHubUnavailable'],
  ] as const)('has a name: %s is %s', (kind, name) => {
    expect(bankTrouble(cause, { trouble: { kind }, message: 'why' })).toMatchObject({
      name,
      cause,
      message: expect.stringContaining('why'),
      details: {},
    });
  });
});

describe('trouble with one repository', () => {
  it.each([
    ['not-found', 'REPOSITORY_NOT_FOUND'],
    ['forbidden', 'FORBIDDEN'],
    ['archived', 'FORBIDDEN'],
    ['refused', 'GITHUB_ERROR'],
    ['unavailable', 'GITHUB_ERROR'],
  ] as const)('has a reason: %s is %s', (kind, reason) => {
    const failure = { trouble: { kind }, message: 'why', githubRequestId: 'F:1' };
    expect(repositoryTrouble(new Error('the answer'), failure, 'REPOSITORY_NOT_FOUND')).toEqual({
      reason,
      message: 'why',
      githubRequestId: 'F:1',
    });
  });

  it('has no id of a request where GitHub gave none', () => {
    const failure = { trouble: { kind: 'refused' }, message: 'why' } as const;
    expect(repositoryTrouble(new Error('the answer'), failure, 'FORBIDDEN')).toEqual({
      reason: 'GITHUB_ERROR',
      message: 'why',
    });
  });

  it.each([
    [{ kind: 'rate-limited', resumeAt: NOW }, 'RateLimited'],
    [{ kind: 'credentials-rejected' }, 'GitHubCredentialsRejected'],
  ] as const)('is trouble with the whole bank: %o', (trouble, name) => {
    const judge = () => repositoryTrouble(new Error('the answer'), { trouble, message: 'why' }, 'FORBIDDEN');
    expect(judge).toThrow(expect.objectContaining({ name }));
  });
});
