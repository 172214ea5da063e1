import { describe, expect, it } from 'vitest';
import { API_URL, RUN, runCli } from '../../support/cli.ts';

const SECRETS = { ITEM_SYNC_CLIENT_SECRET: 'the-client-secret', ITEM_SYNC_PASSWORD: 'the-password' };
const TOKEN_URL = 'https://issuer.example.com/oauth2/token';
const CLIENT = {
  ITEM_SYNC_API_URL: API_URL,
  ITEM_SYNC_TOKEN_URL: TOKEN_URL,
  ITEM_SYNC_CLIENT_ID: 'operator',
  ITEM_SYNC_CLIENT_SECRET: SECRETS.ITEM_SYNC_CLIENT_SECRET,
};
const USER = { ...CLIENT, ITEM_SYNC_USERNAME: 'alice', ITEM_SYNC_PASSWORD: SECRETS.ITEM_SYNC_PASSWORD };

/** Reads a run, with this answer of the issuer. */
const read = (
  env: Record<string, string>,
  issued: { status?: number; headers?: Record<string, string>; body?: unknown },
) =>
  runCli(['status', '3', '--verbose'], {
    env,
    answer: ({ url }) => (url.href === TOKEN_URL ? issued : { body: RUN }),
  });

describe('a token', () => {
  it.each([
    [CLIENT, { grant_type: 'client_credentials', client_id: 'operator', client_secret: 'the-client-secret' }],
    [
      USER,
      {
        grant_type: 'password',
        username: 'alice',
        password: 'the-password',
        client_id: 'operator',
        client_secret: 'the-client-secret',
      },
    ],
    [
      { ...CLIENT, ITEM_SYNC_SCOPE: 'item-sync/read' },
      {
        grant_type: 'client_credentials',
        client_id: 'operator',
        client_secret: 'the-client-secret',
        scope: 'item-sync/read',
      },
    ],
  ])('is requested in the body, by %j', async (env, form) => {
    const { exit, requests } = await read(env, { body: { access_token: 'issued', expires_in: 3_600 } });
    expect(exit).toBe(0);
    expect(requests).toMatchObject([
      { method: 'POST', body: form, authorization: undefined },
      { method: 'GET', authorization: 'Bearer issued' },
    ]);
  });

  it('is requested once for several requests', async () => {
    const { requests } = await runCli(['status'], {
      env: CLIENT,
      answer: ({ url }) => {
        if (url.href === TOKEN_URL) return { body: { access_token: 'issued', expires_in: 3_600 } };
        return { body: url.pathname === '/executions' ? { executions: [RUN] } : RUN };
      },
    });
    expect(requests.map(({ url }) => url.pathname)).toEqual([
      '/oauth2/token',
      '/executions',
      '/executions/3',
    ]);
  });

  it('is requested once for several requests at the same time', async () => {
    const { requests } = await runCli(['item', '5'], {
      env: CLIENT,
      answer: ({ url }) => ({
        body: url.href === TOKEN_URL ? { access_token: 'issued', expires_in: 3_600 } : { items: [] },
      }),
    });
    expect(requests.filter(({ url }) => url.href === TOKEN_URL)).toHaveLength(1);
    expect(requests).toHaveLength(4);
  });

  it.each([
    ['is replaced', 'a number', 30, 2],
    ['is replaced', 'text', '30', 2],
    ['is kept', 'nothing that can be read', 'soon', 1],
  ])('that is about to expire %s, if the issuer says so by %s', async (_, _by, expiresIn, times) => {
    const { requests } = await runCli(['status'], {
      env: CLIENT,
      answer: ({ url }) => {
        if (url.href === TOKEN_URL) return { body: { access_token: 'issued', expires_in: expiresIn } };
        return { body: url.pathname === '/executions' ? { executions: [RUN] } : RUN };
      },
    });
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(times);
  });

  it.each([
    ['that was given', { ITEM_SYNC_API_URL: API_URL, ITEM_SYNC_TOKEN: 'given' }, [], ''],
    ['from stdin', { ITEM_SYNC_API_URL: API_URL }, ['--token-stdin'], 'given\n'],
  ])('%s is sent as it is', async (_, env, args, stdin) => {
    const { requests } = await runCli(['status', '3', ...args], {
      env,
      stdin,
      answer: () => ({ body: RUN }),
    });
    expect(requests).toMatchObject([{ authorization: 'Bearer given' }]);
  });

  it('is requested from the user if there are no credentials', async () => {
    const { exit, stderr } = await runCli(['status'], { env: { ITEM_SYNC_API_URL: API_URL } });
    expect(stderr).toMatch(/^There are no credentials for https:\/\/api\.example\.com: set ITEM_SYNC_TOKEN/);
    expect(exit).toBe(2);
  });
});

describe('an issuer that issues no token', () => {
  it.each([
    [401, { error: 'invalid_client' }, 'invalid_client. Check the client id and the client secret.'],
    [400, { error: 'invalid_grant' }, 'invalid_grant. Check the user name and the password.'],
    [400, { error: 'invalid_scope' }, 'invalid_scope. Check the scope'],
    [400, { error: 'the-password' }, 'status 400. Check the token URL.'],
    [200, { token: 'x' }, 'an answer without a token. Check the token URL.'],
    [500, '<html>the-password</html>', 'status 500. Check the token URL.'],
    [302, '', 'status 302. Check the token URL.'],
  ])(
    'with %i and %j is explained without its text, which may repeat a secret',
    async (status, body, sentence) => {
      const { exit, stdout, stderr } = await read(USER, {
        status,
        body,
        headers: { location: 'https://elsewhere.example.com' },
      });
      expect(stderr).toContain(`The issuer at ${TOKEN_URL} issued no token: ${sentence}`);
      expect([exit, stdout]).toEqual([1, '']);
      for (const secret of Object.values(SECRETS)) expect(stderr).not.toContain(secret);
    },
  );
});

describe('--verbose', () => {
  it('reports requests without tokens, secrets and queries', async () => {
    const { stderr } = await read(USER, { body: { access_token: 'the-token' } });
    expect(stderr).toMatch(
      /^POST https:\/\/issuer\.example\.com\/oauth2\/token: 200 in \d+ ms\nGET https:\/\/api\.example\.com\/executions\/3: 200 in \d+ ms\n$/,
    );
  });
});
