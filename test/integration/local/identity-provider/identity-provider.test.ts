import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CLIENT, createStateFolder, issue, PASSWORD, post, SCOPES, start, verify } from './support.ts';

describe('client_credentials', () => {
  it('gives an RS256 token for the audience, with every scope when none is asked for', async () => {
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

  it('grants the scopes asked for and no more', async () => {
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

  it('takes the secret in a Basic header too', async () => {
    const provider = await start();
    const credentials = Buffer.from(`${CLIENT.client_id}:${CLIENT.client_secret}`).toString('base64');
    const headers = { authorization: `Basic ${credentials}` };
    const { status } = await post(provider.tokenUrl, { grant_type: 'client_credentials' }, headers);
    expect(status).toBe(200);
  });
});

describe("the operators' command line", () => {
  it('gets the fields that it knows, and a token that is good', async () => {
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

  it('can refresh the token, for fewer scopes as well, also after a restart', async () => {
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

describe('a request that is not granted', () => {
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
      what: 'a refresh token of nobody',
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
  ])('for $what is $status $error', async ({ form, status, error }) => {
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

  it('is refused when its time is over', async () => {
    const provider = await start();
    const token = await issue(provider.tokenUrl, credentials);
    const { exp = 0 } = await verify(provider, token);
    vi.useFakeTimers({ toFake: ['Date'], now: (exp + 1) * 1000 });
    onTestFinished(() => void vi.useRealTimers());
    await expect(verify(provider, token)).rejects.toThrow(/expired/i);
  });

  it('is still good after a restart, since the signing key is kept, for its owner only', async () => {
    const stateFolder = createStateFolder();
    const before = await start({ stateFolder });
    const token = await issue(before.tokenUrl, credentials);
    await before.close();
    const provider = await start({ stateFolder, port: Number(new URL(before.issuer).port) });
    expect(provider.issuer).toBe(before.issuer);
    await expect(verify(provider, token)).resolves.toMatchObject({ sub: 'operator' });
    expect(statSync(join(stateFolder, 'signing-keys.json')).mode & 0o777).toBe(0o600);
  });

  it('carries no scope where there are none', async () => {
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

  it('publishes its public key and nothing of the private one', async () => {
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

  it('says by its code that the port is taken', async () => {
    const provider = await start();
    const attempt = start({ port: Number(new URL(provider.issuer).port) });
    await expect(attempt).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
