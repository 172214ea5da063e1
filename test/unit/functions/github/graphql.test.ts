import { describe, expect, it } from 'vitest';
import { createGitHub } from '../../../../functions/github/github.ts';
import {
  failedAnswer,
  failedQuery,
  failureAt,
  type QueryAnswer,
  sendQuery,
  valueAt,
} from '../../../../functions/github/graphql.ts';
import { API_URL, asksIfUp, scriptGitHub, soundAnswer } from './scripted-github.ts';

const CLOCK = { now: () => new Date('2026-11-23T09:00:00.000Z') };
const RESET = String(Date.parse('2026-11-23T09:40:00.000Z') / 1_000);
const limitedUntil = (time: string) => ({ kind: 'rate-limited', resumeAt: new Date(`2026-11-23T${time}Z`) });

describe('a query', () => {
  const QUERY = { text: '{ viewer { login } }', variables: { login: 'bank' } };
  const connect = (apiUrl = API_URL) => createGitHub({ apiUrl, token: 't', retries: 0 });

  it.each([
    ['https://github.example.org/api/v3', 'https://github.example.org/api/graphql'],
    ['https://github.example.org/api/v3/', 'https://github.example.org/api/graphql'],
    ['https://api.github.com', 'https://api.github.com/graphql'],
    ['http://localhost:4567', 'http://localhost:4567/graphql'],
  ])('to %s is sent to %s', async (apiUrl, url) => {
    const { sent } = scriptGitHub(() => Response.json({ data: {} }));
    await sendQuery(connect(apiUrl), QUERY);
    expect(sent).toMatchObject([{ method: 'POST', url }]);
  });

  it('is sent with its text and its variables, and nothing else', async () => {
    const { sent } = scriptGitHub(() => Response.json({ data: {} }));
    await sendQuery(connect(), QUERY, { retries: 0 });
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ query: QUERY.text, variables: QUERY.variables });
  });

  it('is answered with data and headers', async () => {
    const data = { viewer: { login: 'bank' } };
    scriptGitHub(() => Response.json({ data }, { headers: { 'x-github-request-id': 'F:1' } }));
    expect(await sendQuery(connect(), QUERY)).toMatchObject({
      data,
      errors: [],
      headers: { 'x-github-request-id': 'F:1' },
    });
  });

  it.each([
    ['of a documented kind', { type: 'NOT_FOUND', message: 'no such node', path: ['nodes', 1] }],
    ['that makes the client retry', { message: 'Something went wrong while executing your query.' }],
  ])('is answered with data beside an error %s', async (_, error) => {
    scriptGitHub(() => Response.json({ data: { nodes: [] }, errors: [error] }));
    expect(await sendQuery(connect(), QUERY)).toMatchObject({ data: { nodes: [] }, errors: [error] });
  });

  it.each([
    [
      'a message that is a number',
      { type: 'FORBIDDEN', message: 5, path: ['nodes', 1] },
      { type: 'FORBIDDEN', path: ['nodes', 1] },
    ],
    ['a type that is a list', { type: [], message: 'why' }, { message: 'why' }],
    ['a path of objects', { message: 'why', path: [{}] }, { message: 'why' }],
  ])('loses only what is malformed of an error: %s', async (_, error, kept) => {
    const data = { nodes: [] };
    scriptGitHub(() => Response.json({ data, errors: [error] }));
    expect(await sendQuery(connect(), QUERY)).toMatchObject({ data, errors: [kept] });
  });

  it('has no data if the answer is a list', async () => {
    scriptGitHub(() => Response.json([]));
    const answer = await sendQuery(connect(), QUERY);
    expect(answer).toMatchObject({ errors: [] });
    expect(answer.data).toBeUndefined();
  });

  it.each([
    ['an error status', () => Response.json({ message: 'Not Found' }, { status: 404 }), 404],
    ['a page', () => new Response('<html>Sign in</html>', { status: 200 }), 200],
    ['errors that are not a list', () => Response.json({ data: null, errors: 'all wrong' }), 200],
    ['errors that are lists', () => Response.json({ data: null, errors: [[]] }), 200],
    ['errors that are not objects', () => Response.json({ data: null, errors: [null] }), 200],
  ])('fails like other requests on %s', async (_, answer, status) => {
    scriptGitHub((request) => (asksIfUp(request) ? soundAnswer(request) : answer()));
    await expect(sendQuery(connect(), QUERY)).rejects.toMatchObject({ status });
  });
});

describe('a GraphQL error, which arrives with status 200', () => {
  const exhausted = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': RESET };

  it.each([
    ['NOT_FOUND', {}, { kind: 'not-found' }],
    ['FORBIDDEN', {}, { kind: 'forbidden' }],
    ['INSUFFICIENT_SCOPES', {}, { kind: 'forbidden' }],
    ['RATE_LIMIT', exhausted, limitedUntil('09:40:00')],
    ['RATE_LIMITED', exhausted, limitedUntil('09:40:00')],
    ['RATE_LIMITED', {}, limitedUntil('09:01:00')],
    ['SOMETHING_NEW', {}, { kind: 'unavailable' }],
    [undefined, {}, { kind: 'unavailable' }],
  ])('of type %s with headers %o means what REST means by its status', (type, headers, meaning) => {
    const message = `a ${type}`;
    expect(failedQuery({ type, message }, headers, CLOCK)).toEqual({
      meaning,
      message: `POST /graphql: ${message}`,
    });
  });

  it('is a secondary rate limit if its message says so', () => {
    const error = { message: 'You have exceeded a secondary rate limit.' };
    expect(failedQuery(error, { 'retry-after': '20' }, CLOCK).meaning).toEqual(limitedUntil('09:00:20'));
  });

  it("keeps GitHub's id of the request", () => {
    expect(failedQuery({ type: 'FORBIDDEN' }, { 'x-github-request-id': 'F:1' }, CLOCK)).toEqual({
      meaning: { kind: 'forbidden' },
      message: 'POST /graphql: GraphQL error without a message',
      githubRequestId: 'F:1',
    });
  });
});

describe('the failure of a whole answer', () => {
  const headers = { 'retry-after': '20' };

  it('is a rate limit, wherever it stands among the errors', () => {
    const errors = [
      { type: 'NOT_FOUND', message: 'gone' },
      { type: 'RATE_LIMITED', message: 'used up' },
    ];
    expect(failedAnswer({ errors, headers }, CLOCK)).toEqual({
      meaning: limitedUntil('09:00:20'),
      message: 'POST /graphql: used up',
    });
  });

  it('is the first error otherwise', () => {
    const errors = [{ type: 'NOT_FOUND', message: 'gone' }, { message: 'and so on' }];
    expect(failedAnswer({ errors, headers }, CLOCK)?.message).toBe('POST /graphql: gone');
  });

  it('is undefined without errors', () => {
    expect(failedAnswer({ data: {}, errors: [], headers }, CLOCK)).toBeUndefined();
  });
});

const answer = (rest: Partial<QueryAnswer>): QueryAnswer => ({ errors: [], headers: {}, ...rest });
const PRESENT = { nodes: [{ name: 'a' }, { name: 'b' }] };
const NULL = { nodes: [{ name: 'a' }, null] };
const PLACE = ['nodes', 1];

it.each([
  ['a present part', PRESENT, { name: 'b' }],
  ['null', NULL, null],
  ['a part beyond the end of the list', { nodes: [{ name: 'a' }] }, undefined],
  ['a part below null', { nodes: null }, undefined],
  ['a part below a string', { nodes: 'ab' }, undefined],
  ['a part below nothing', undefined, undefined],
])('valueAt finds %s', (_, data, value) => {
  expect(valueAt({ data }, PLACE)).toEqual(value);
});

describe('the failure of a part', () => {
  it.each([
    ['at its place', NULL, { type: 'NOT_FOUND', path: ['nodes', 1] }, 'REPOSITORY_NOT_FOUND'],
    ['at its place, of another type', NULL, { type: 'FORBIDDEN', path: ['nodes', 1] }, 'FORBIDDEN'],
    ['of a neighbour', NULL, { type: 'NOT_FOUND', path: ['nodes', 0] }, undefined],
    ['of another list', NULL, { path: ['others', 1] }, undefined],
    ['above it', { nodes: null }, { type: 'NOT_FOUND', path: ['nodes'] }, 'GITHUB_ERROR'],
    ['without a path', PRESENT, {}, 'GITHUB_ERROR'],
    ['below a present part', PRESENT, { path: ['nodes', 1, 'refs'] }, 'GITHUB_ERROR'],
    [
      'that something optional is missing',
      PRESENT,
      { type: 'NOT_FOUND', path: ['nodes', 1, 'refs'] },
      undefined,
    ],
    [
      'that something is missing below null',
      NULL,
      { type: 'NOT_FOUND', path: ['nodes', 1, 'id'] },
      'GITHUB_ERROR',
    ],
  ])('depends on where the error is: %s', (_, data, error, reason) => {
    expect(failureAt(answer({ data, errors: [error] }), PLACE, CLOCK)?.reason).toBe(reason);
  });

  it('is found behind an error that does not count', () => {
    const errors = [
      { type: 'NOT_FOUND', path: ['nodes', 1, 'refs'] },
      { type: 'FORBIDDEN', message: 'not for you', path: ['nodes', 1, 'refs'] },
    ];
    const headers = { 'x-github-request-id': 'F:1' };
    expect(failureAt(answer({ data: PRESENT, errors, headers }), PLACE, CLOCK)).toEqual({
      reason: 'FORBIDDEN',
      message: 'POST /graphql: not for you',
      githubRequestId: 'F:1',
    });
  });
});
