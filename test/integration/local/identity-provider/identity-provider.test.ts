import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CLIENT, createStateFolder, issue, PASSWORD, post, SCOPES, start, verify } from './support.ts';

describe('client_credentials', () => {
  it('issues an RS256 token for the audience, with all scopes if none is requested', async () => {
    const provider = await start();
    const { status, body } = await post(provider.tokenUrl, { grant_type: 'client_credentials', ...CLIENT });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        access_token: expect.any(String),
        expires_in: 3600,
        scope: SCOPES.join(' '),
        token_type: 'Bearer',
      },
    });
    const payload = await verify(provider, String(body['access_token']), { scope: 'item-sync/sync' });
    expect(payload).toMatchObject({
      iss: provider.issuer,
      aud: 'item-sync',
      sub: 'operator',
      client_id: 'operator',
      scope: SCOPES.join(' '),
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  it('grants only the requested scopes', async () => {
    const provider = await start();
    const token = await issue(provider.tokenUrl, {
      grant_type: 'client_credentials',
      scope: 'item-sync/read',
      ...CLIENT,
    });
    await expect(verify(provider, token, { scope: 'item-sync/read' })).resolves.toMatchObject({
      scope: 'item-sync/read',
    });
    await expect(verify(provider, token, { scope: 'item-sync/sync' })).rejects.toThrow(/scope/i);
  });

  it('also accepts the secret in a Basic header', async () => {
    const provider = await start();
    const credentials = Buffer.from(`${CLIENT.client_id}:${CLIENT.client_secret}`).toString('base64');
    const headers = { authorization: `Basic ${credentials}` };
    const { status } = await post(provider.tokenUrl, { grant_type: 'client_credentials' }, headers);
    expect(status).toBe(200);
  });
});

describe("the operators' command line", () => {
  it('receives the fields that it expects, and a valid token', async () => {
    const provider = await start();
    expect(provider.operatorsTokenUrl).toBe(`${provider.issuer}/auth/oauth2/access_token?realm=%2Fsbac`);
    const { status, body } = await post(provider.operatorsTokenUrl, { ...PASSWORD, ...CLIENT });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        scope: SCOPES.join(' '),
        expires_in: 3600,
        token_type: 'Bearer',
        refresh_token: expect.any(String),
        access_token: expect.any(String),
      },
    });
    await expect(verify(provider, String(body['access_token']))).resolves.toMatchObject({ sub: 'ann' });
  });

  it('can refresh the token, also for fewer scopes and after a restart', async () => {
    const stateFolder = createStateFolder();
    const before = await start({ stateFolder });
    const { body } = await post(before.operatorsTokenUrl, { ...PASSWORD, ...CLIENT });
    await before.close();
    const provider = await start({ stateFolder });
    const refresh = {
      grant_type: 'refresh_token',
      refresh_token: String(body['refresh_token']),
      scope: 'item-sync/read',
      ...CLIENT,
    };
    const refreshed = await post(provider.operatorsTokenUrl, refresh);
    expect(refreshed).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', refresh_token: expect.any(String) },
    });
    await expect(verify(provider, String(refreshed.body['access_token']))).resolves.toMatchObject({
      sub: 'ann',
      scope: 'item-sync/read',
    });
  });
});

describe('a refused request', () => {
  const credentials = { grant_type: 'client_credentials', ...CLIENT };
  it.each([
    {
      what: 'a wrong secret',
      form: { ...credentials, client_secret: 'x' },
      status: 401,
      error: 'invalid_client',
    },
    {
      what: 'an unknown client',
      form: { ...credentials, client_id: 'x' },
      status: 401,
      error: 'invalid_client',
    },
    { what: 'an unknown scope', form: { ...credentials, scope: 'x' }, status: 400, error: 'invalid_scope' },
    {
      what: 'an unknown scope for a user',
      form: { ...PASSWORD, ...CLIENT, scope: 'item-sync/read x' },
      status: 400,
      error: 'invalid_scope',
    },
    {
      what: 'a wrong password',
      form: { ...PASSWORD, ...CLIENT, password: 'x' },
      status: 400,
      error: 'invalid_grant',
    },
    {
      what: 'an unknown user',
      form: { ...PASSWORD, ...CLIENT, username: 'x' },
      status: 400,
      error: 'invalid_grant',
    },
    {
      what: 'no password',
      form: { grant_type: 'password', username: 'ann', ...CLIENT },
      status: 400,
      error: 'invalid_request',
    },
    {
      what: 'an unknown refresh token',
      form: { grant_type: 'refresh_token', refresh_token: 'x', ...CLIENT },
      status: 400,
      error: 'invalid_grant',
    },
    {
      what: 'an unknown grant type',
      form: { ...CLIENT, grant_type: 'implicit' },
      status: 400,
      error: 'unsupported_grant_type',
    },
  ])('is $status $error for $what', async ({ form, status, error }) => {
    const provider = await start();
    const answer = await post(provider.operatorsTokenUrl, form);
    expect({ status: answer.status, error: answer.body['error'] }).toEqual({ status, error });
  });
});

describe('a token', () => {
  const credentials = { grant_type: 'client_credentials', ...CLIENT };

  it('is refused for another audience, from another issuer, or with another signature', async () => {
    const provider = await start();
    const other = await start();
    const token = await issue(provider.tokenUrl, credentials);
    await expect(verify(provider, token, { audience: 'other' })).rejects.toThrow(/audience/i);
    await expect(verify({ ...provider, issuer: other.issuer }, token)).rejects.toThrow(/issuer/i);
    await expect(verify({ ...provider, jwksUri: other.jwksUri }, token)).rejects.toThrow(/kid/i);
  });

  it('is refused after it has expired', async () => {
    const provider = await start();
    const token = await issue(provider.tokenUrl, credentials);
    const { exp = 0 } = await verify(provider, token);
    vi.useFakeTimers({ toFake: ['Date'], now: (exp + 1) * 1000 });
    onTestFinished(() => void vi.useRealTimers());
    await expect(verify(provider, token)).rejects.toThrow(/expired/i);
  });

  it('is valid after a restart, because the signing key is stored, readable only by its owner', async () => {
    const stateFolder = createStateFolder();
    const before = await start({ stateFolder });
    const token = await issue(before.tokenUrl, credentials);
    await before.close();
    const provider = await start({ stateFolder, port: Number(new URL(before.issuer).port) });
    expect(provider.issuer).toBe(before.issuer);
    await expect(verify(provider, token)).resolves.toMatchObject({ sub: 'operator' });
    expect(statSync(join(stateFolder, 'signing-keys.json')).mode & 0o777).toBe(0o600);
  });

  it('has no scope if none are configured', async () => {
    const provider = await start({ scopes: [] });
    const payload = await verify(provider, await issue(provider.tokenUrl, credentials));
    expect(payload.scope).toBeUndefined();
  });
});

describe('the provider', () => {
  it('describes itself', async () => {
    const provider = await start();
    const discovery = await fetch(`${provider.issuer}/.well-known/openid-configuration`);
    expect(await discovery.json()).toMatchObject({
      issuer: provider.issuer,
      jwks_uri: provider.jwksUri,
      token_endpoint: provider.tokenUrl,
    });
  });

  it('publishes its public key, but not the private one', async () => {
    const provider = await start();
    expect(await (await fetch(provider.jwksUri)).json()).toEqual({
      keys: [
        {
          kty: 'RSA',
          alg: 'RS256',
          use: 'sig',
          kid: expect.any(String),
          n: expect.any(String),
          e: 'AQAB',
        },
      ],
    });
  });

  it('writes nothing to the console', async () => {
    const spies = [vi.spyOn(console, 'info'), vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
    onTestFinished(() => void vi.restoreAllMocks());
    const provider = await start();
    await post(provider.operatorsTokenUrl, { ...PASSWORD, ...CLIENT });
    await post(provider.operatorsTokenUrl, { ...PASSWORD, ...CLIENT, password: 'x' });
    expect(spies.flatMap(({ mock }) => mock.calls)).toEqual([]);
  });

  it('reports a port in use by its error code', async () => {
    const provider = await start();
    const attempt = start({ port: Number(new URL(provider.issuer).port) });
    await expect(attempt).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
