import { RequestError } from '@octokit/request-error';
import { describe, expect, it } from 'vitest';
import {
  bankError,
  classify,
  type ErrorResponse,
  failedRequest,
  parseAnswer,
  repositoryFailure,
  undocumentedAnswer,
} from '../../../../functions/github/responses.ts';
import { DeferredError } from '../../../../functions/shared/deferral.ts';
import * as z from '../../../../functions/shared/zod.ts';

const NOW = new Date('2026-11-23T09:00:00.000Z');
const CLOCK = { now: () => NOW };
const RESET = Date.parse('2026-11-23T09:40:00.000Z') / 1_000;
const limitedUntil = (time: string) => ({ kind: 'rate-limited', resumeAt: new Date(`2026-11-23T${time}Z`) });
const response = (status: number, rest: Partial<ErrorResponse> = {}): ErrorResponse => ({
  status,
  headers: {},
  message: '',
  ...rest,
});

describe('an error response', () => {
  it.each([
    ['401', response(401), { kind: 'credentials-rejected' }],
    [
      '401 with retry-after',
      response(401, { headers: { 'retry-after': '5' } }),
      { kind: 'credentials-rejected' },
    ],
    ['403 with retry-after', response(403, { headers: { 'retry-after': '90' } }), limitedUntil('09:01:30')],
    ['429 with retry-after', response(429, { headers: { 'retry-after': '6' } }), limitedUntil('09:00:06')],
    [
      '429 with a retry-after of 0',
      response(429, { headers: { 'retry-after': '0' } }),
      limitedUntil('09:00:05'),
    ],
    [
      'retry-after and a reset',
      response(403, {
        headers: { 'retry-after': '30', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET },
      }),
      limitedUntil('09:00:30'),
    ],
    [
      '403 with nothing remaining',
      response(403, { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(RESET) } }),
      limitedUntil('09:40:00'),
    ],
    [
      '429 with nothing remaining',
      response(429, { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET } }),
      limitedUntil('09:40:00'),
    ],
    [
      '403 with nothing remaining and no reset',
      response(403, { headers: { 'x-ratelimit-remaining': '0' } }),
      limitedUntil('09:01:00'),
    ],
    [
      '403 with one remaining',
      response(403, { headers: { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': RESET } }),
      { kind: 'forbidden' },
    ],
    [
      '403 with one remaining whose message names a secondary limit',
      response(403, {
        headers: { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': RESET },
        message: 'You have exceeded a secondary rate limit.',
      }),
      limitedUntil('09:01:00'),
    ],
    ['429 without headers', response(429), limitedUntil('09:01:00')],
    [
      '429 with a retry-after that is not a number',
      response(429, { headers: { 'retry-after': 'soon' } }),
      limitedUntil('09:01:00'),
    ],
    [
      '429 with a retry-after that is too large for a date',
      response(429, { headers: { 'retry-after': '1e20' } }),
      limitedUntil('09:01:00'),
    ],
    [
      '403 for an archived repository',
      response(403, { message: 'Repository was archived so is read-only.' }),
      { kind: 'archived' },
    ],
    [
      '403 for a missing permission',
      response(403, { message: 'Resource not accessible by integration' }),
      { kind: 'forbidden' },
    ],
    ['404', response(404), { kind: 'not-found' }],
    [
      '404 with nothing remaining',
      response(404, { headers: { 'x-ratelimit-remaining': '0' } }),
      { kind: 'not-found' },
    ],
    ['410', response(410), { kind: 'not-found' }],
    ['451', response(451), { kind: 'not-found' }],
    ['400', response(400), { kind: 'refused' }],
    ['422', response(422, { message: 'Hook already exists on this repository' }), { kind: 'refused' }],
    ['499', response(499), { kind: 'refused' }],
    ['408', response(408), { kind: 'unavailable' }],
    ['300', response(300), { kind: 'redirected' }],
    ['399 with a page', response(399, { message: '<html>' }), { kind: 'redirected' }],
    ['500', response(500), { kind: 'unavailable' }],
    ['503 with retry-after', response(503, { headers: { 'retry-after': '30' } }), { kind: 'unavailable' }],
    ['200', response(200), { kind: 'unavailable' }],
    ['401 with a page', response(401, { message: '<html>Sign in</html>' }), { kind: 'unavailable' }],
    ['403 with a page', response(403, { message: '\n<!DOCTYPE html>' }), { kind: 'unavailable' }],
    ['404 with a page', response(404, { message: '<html>No such page</html>' }), { kind: 'unavailable' }],
    [
      '429 with a page and retry-after',
      response(429, { message: '<html>', headers: { 'retry-after': '60' } }),
      limitedUntil('09:01:00'),
    ],
  ])('is classified by status, headers and message: %s', (_, given, meaning) => {
    expect(classify(given, CLOCK)).toEqual(meaning);
  });

  it.each([
    ['a retry-after', response(429, { headers: { 'retry-after': '30' } }), '09:00:32.500'],
    [
      'a reset',
      response(403, { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET } }),
      '09:40:02.500',
    ],
    ['no time', response(429), '09:01:30.000'],
  ])('of a rate limit resumes with jitter: %s', (_, given, time) => {
    expect(classify(given, { ...CLOCK, random: () => 0.5 })).toEqual(limitedUntil(time));
  });
});

const REQUEST = {
  method: 'GET',
  url: 'https://api.github.com/orgs/bank/repos?page=2',
  headers: { authorization: 'token secret-token' },
} as const;

describe('a failed request', () => {
  it('is described by its path, without its query string and its token', () => {
    const headers = { 'x-github-request-id': 'ABCD:1' };
    const response = { status: 404, url: REQUEST.url, headers, data: {}, retryCount: 0 };
    const failed = failedRequest(new RequestError('Not Found', 404, { request: REQUEST, response }), CLOCK);
    expect(failed).toEqual({
      meaning: { kind: 'not-found' },
      message: 'GET /orgs/bank/repos: 404 Not Found',
      githubRequestId: 'ABCD:1',
    });
  });

  it('without a response means that GitHub is unavailable', () => {
    const error = new RequestError('read ECONNRESET', 500, { request: REQUEST });
    expect(failedRequest(error, CLOCK)).toEqual({
      meaning: { kind: 'unavailable' },
      message: 'GET /orgs/bank/repos: no answer (read ECONNRESET)',
    });
  });

  it('is described by its route if there is no URL', () => {
    const request = { ...REQUEST, method: 'POST', url: '/graphql' } as const;
    const response = { status: 200, url: '', headers: {}, data: {}, retryCount: 0 };
    const error = new RequestError('Something went wrong', 200, { request, response });
    expect(failedRequest(error, CLOCK).message).toBe('POST /graphql: 200 Something went wrong');
  });

  it('is not derived from other errors, which are thrown as they are', () => {
    const error = new TypeError('a bug of ours');
    expect(() => failedRequest(error, CLOCK)).toThrow(error);
  });
});

describe('a failure of the whole bank', () => {
  const cause = new Error('the cause');

  it('is a deferral if it is a rate limit', () => {
    const error = bankError(cause, { meaning: { kind: 'rate-limited', resumeAt: NOW }, message: 'wait' });
    expect(error).toBeInstanceOf(DeferredError);
    expect(error).toMatchObject({ deferral: { kind: 'rate-limited', resumeAt: NOW, message: 'wait' } });
  });

  it("keeps GitHub's id of the request", () => {
    const identified = { message: 'why', githubRequestId: 'F:1' };
    const limit = { kind: 'rate-limited', resumeAt: NOW } as const;
    expect(bankError(cause, { ...identified, meaning: limit })).toMatchObject({
      deferral: { message: 'why (GitHub request id F:1)', githubRequestId: 'F:1' },
    });
    expect(bankError(cause, { ...identified, meaning: { kind: 'unavailable' } })).toMatchObject({
      details: { githubRequestId: 'F:1' },
    });
  });

  it.each([
    ['credentials-rejected', 'GitHubCredentialsRejected'],
    ['not-found', 'OrganizationNotFound'],
    ['forbidden', 'GitHubRefused'],
    ['archived', 'GitHubUnavailable'],
    ['refused', 'GitHubUnavailable'],
    ['unavailable', 'GitHubUnavailable'],
    ['redirected', 'GitHubRedirected'],
    ['not-sent', 'ConfigurationInvalid'],
  ] as const)('has a name: %s is %s', (kind, name) => {
    expect(bankError(cause, { meaning: { kind }, message: 'why' })).toMatchObject({
      name,
      cause,
      message: expect.stringContaining('why'),
      details: {},
    });
  });
});

describe('a failure of one repository', () => {
  it.each([
    ['not-found', 'REPOSITORY_NOT_FOUND'],
    ['forbidden', 'FORBIDDEN'],
    ['archived', 'FORBIDDEN'],
    ['refused', 'GITHUB_ERROR'],
    ['unavailable', 'GITHUB_ERROR'],
    ['redirected', 'REDIRECTED'],
    ['not-sent', 'GITHUB_ERROR'],
  ] as const)('has a reason: %s is %s', (kind, reason) => {
    const failed = { meaning: { kind }, message: 'why', githubRequestId: 'F:1' };
    expect(repositoryFailure(new Error('the cause'), failed, 'REPOSITORY_NOT_FOUND')).toEqual({
      reason,
      message: 'why',
      githubRequestId: 'F:1',
    });
  });

  it('has no request id if GitHub sent none', () => {
    const failed = { meaning: { kind: 'refused' }, message: 'why' } as const;
    expect(repositoryFailure(new Error('the cause'), failed, 'FORBIDDEN')).toEqual({
      reason: 'GITHUB_ERROR',
      message: 'why',
    });
  });

  it.each([
    [{ kind: 'rate-limited', resumeAt: NOW }, 'DeferredError'],
    [{ kind: 'credentials-rejected' }, 'GitHubCredentialsRejected'],
  ] as const)('is a failure of the whole bank if it is %o', (meaning, name) => {
    const judge = () => repositoryFailure(new Error('the cause'), { meaning, message: 'why' }, 'FORBIDDEN');
    expect(judge).toThrow(expect.objectContaining({ name }));
  });
});

describe('an undocumented answer', () => {
  const headers = { 'x-github-request-id': 'F:1' };

  it('about one repository is a failed reading', () => {
    const message = 'the answer is not what GitHub documents: name: not a name';
    const failure = { reason: 'GITHUB_ERROR', message };
    expect(undocumentedAnswer('name: not a name', {})).toEqual({ kind: 'failed', failure });
    expect(undocumentedAnswer('name: not a name', headers)).toEqual({
      kind: 'failed',
      failure: { ...failure, githubRequestId: 'F:1' },
    });
  });

  it('about the whole bank is an error', () => {
    const schema = z.object({ id: z.int() });
    expect(parseAnswer({ data: { id: 1 } }, schema)).toEqual({ id: 1 });
    expect(() => parseAnswer({ data: {}, headers }, schema)).toThrow(
      expect.objectContaining({
        name: 'GitHubUnavailable',
        message:
          'the answer is not what GitHub documents: id: Invalid input: expected number, received undefined (GitHub request id F:1)',
        details: { githubRequestId: 'F:1' },
      }),
    );
  });
});
