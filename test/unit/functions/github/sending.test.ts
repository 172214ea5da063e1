import { describe, expect, it } from 'vitest';
import { createGitHub } from '../../../../functions/github/github.ts';
import { failedRequest } from '../../../../functions/github/responses.ts';
import { withoutPause } from '../../../support/clock.ts';
import { API_URL, type Sent, scriptGitHub } from './scripted-github.ts';

const CLOCK = { now: () => new Date('2026-11-23T09:00:00.000Z') };
const REPOSITORY = { owner: 'bank', repo: 'old' };
const HOOKS = '/api/v3/repos/bank/old/hooks';
const NEW_HOOKS = '/api/v3/repositories/1/hooks';

const connect = () => createGitHub({ apiUrl: API_URL, token: 't', retries: 0, pause: withoutPause });
const redirect = (status: number, location?: string) =>
  Response.json({ message: 'Moved' }, { status, ...(location !== undefined && { headers: { location } }) });
const methodsAndPaths = (sent: Sent[]) => sent.map(({ method, path }) => `${method} ${path}`);

/** Answers requests for the old path by a redirect, and all others with success. */
const redirecting = (status: number, location?: string) =>
  scriptGitHub(({ path }) => (path === HOOKS ? redirect(status, location) : Response.json([])));

/** What the product makes of a request that fails. */
async function failureOf(request: Promise<unknown>) {
  const error = await request.then(
    () => new Error('the request succeeded'),
    (error: unknown) => error,
  );
  return failedRequest(error, CLOCK);
}

describe('a redirected read', () => {
  it.each([301, 302, 303, 307, 308])('is followed within the host: %i', async (status) => {
    const { sent } = redirecting(status, NEW_HOOKS);
    await connect().rest.repos.listWebhooks(REPOSITORY);
    expect(methodsAndPaths(sent)).toEqual([`GET ${HOOKS}`, `GET ${NEW_HOOKS}`]);
  });

  it.each([
    ['another host', 'https://sso.example.org/login?token=secret', 'to https://sso.example.org'],
    ['another port', 'https://github.example.org:8443/', 'to https://github.example.org:8443'],
    ['another scheme', 'http://github.example.org/', 'to http://github.example.org'],
  ])('is not followed to %s, which would get the token', async (_, location, destination) => {
    const { sent } = redirecting(302, location);
    expect(await failureOf(connect().rest.repos.listWebhooks(REPOSITORY))).toEqual({
      meaning: { kind: 'redirected' },
      message: `GET ${HOOKS}: 302 redirected from https://github.example.org ${destination}`,
    });
    expect(sent).toHaveLength(1);
  });

  it('is not followed for ever', async () => {
    const { sent } = redirecting(302, HOOKS);
    expect(await failureOf(connect().rest.repos.listWebhooks(REPOSITORY))).toEqual({
      meaning: { kind: 'redirected' },
      message: `GET ${HOOKS}: 302 redirected to ${HOOKS}, which was not followed`,
    });
    expect(sent).toHaveLength(6);
  });

  it.each([
    ['without a location', 301, undefined],
    ['with a location that is no URL', 301, 'https://'],
    ['of an unknown kind', 300, undefined],
  ])('is a failure %s', async (_, status, location) => {
    redirecting(status, location);
    expect(await failureOf(connect().rest.repos.listWebhooks(REPOSITORY))).toEqual({
      meaning: { kind: 'redirected' },
      message: `GET ${HOOKS}: ${status} redirected without a valid destination`,
    });
  });
});

describe('a redirected write', () => {
  const create = () => connect().rest.repos.createWebhook({ ...REPOSITORY, config: { url: 'https://x' } });

  it.each([307, 308])('is repeated with its body if the redirect keeps the method: %i', async (status) => {
    const { sent } = redirecting(status, NEW_HOOKS);
    await create();
    expect(methodsAndPaths(sent)).toEqual([`POST ${HOOKS}`, `POST ${NEW_HOOKS}`]);
    expect(sent[1]?.body).toBe(sent[0]?.body);
  });

  it.each([301, 302, 303])('is a failure if the redirect turns it into a read: %i', async (status) => {
    const { sent } = redirecting(status, NEW_HOOKS);
    expect(await failureOf(create())).toEqual({
      meaning: { kind: 'redirected' },
      message: `POST ${HOOKS}: ${status} redirected to ${NEW_HOOKS}, which was not followed`,
    });
    expect(sent).toHaveLength(1);
  });
});

describe('a request that cannot be sent', () => {
  it('is not a failure of GitHub, and does not show the token', async () => {
    const { sent } = scriptGitHub((request) => {
      // As fetch does for an invalid header.
      throw new TypeError(`Headers.append: "token ${request.path}" is an invalid header value.`);
    });
    const github = createGitHub({ apiUrl: API_URL, token: 't' });
    expect(await failureOf(github.rest.repos.listWebhooks(REPOSITORY))).toEqual({
      meaning: { kind: 'not-sent' },
      message: `GET ${HOOKS}: not sent: its URL or one of its headers is not valid`,
    });
    expect(sent).toHaveLength(1);
  });

  it('is not sent if its token contains a line break', async () => {
    const github = createGitHub({ apiUrl: 'http://127.0.0.1:9', token: 'secret\ntoken' });
    const failure = await failureOf(github.rest.repos.listWebhooks(REPOSITORY));
    expect(failure.meaning).toEqual({ kind: 'not-sent' });
    expect(JSON.stringify(failure)).not.toContain('secret');
  });

  it('is not sent to another host that a Link header names', async () => {
    const { sent } = scriptGitHub(() =>
      Response.json([], { headers: { link: '<https://internal.example.org/hooks?page=2>; rel="next"' } }),
    );
    const github = connect();
    const listing = github.paginate(github.rest.repos.listWebhooks, REPOSITORY);
    expect(await failureOf(listing)).toEqual({
      meaning: { kind: 'not-sent' },
      message: 'GET /hooks: not sent: https://internal.example.org is not the host of the API',
    });
    expect(sent).toHaveLength(1);
  });
});
