import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenVerifier, type VerifyToken } from '../../../../functions/auth/token.ts';
import { createSigningKey, type KeySet, serveKeySet, signToken } from '../../../support/tokens.ts';

const ISSUER = 'https://identity.example.org/realm';
const AUDIENCE = 'item-sync';
const NOW = Date.parse('2026-11-23T09:00:00.000Z');
const SECONDS = NOW / 1_000;
const CLAIMS = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', scope: 'item-sync/sync', exp: SECONDS + 300 };

const KEYS = {
  RS256: createSigningKey('RS256'),
  ES256: createSigningKey('ES256'),
  EdDSA: createSigningKey('EdDSA'),
};
const STRANGER = createSigningKey('RS256');

let keySet: KeySet;
let verify: VerifyToken;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  keySet = await serveKeySet(Object.values(KEYS));
  verify = createTokenVerifier({ issuer: ISSUER, audience: AUDIENCE, jwksUri: keySet.uri });
});
afterEach(() => {
  keySet.close();
  vi.useRealTimers();
});

const token = (claims: Record<string, unknown> = {}, header?: Record<string, unknown>): string =>
  signToken(KEYS.RS256, { ...CLAIMS, ...claims }, header);

describe('a good token', () => {
  it.each(['RS256', 'ES256', 'EdDSA'] as const)('is verified when it is signed by %s', async (algorithm) => {
    expect(await verify(signToken(KEYS[algorithm], CLAIMS))).toEqual({ kind: 'verified', claims: CLAIMS });
  });

  it.each([
    ['has the audience among others', { aud: ['another', AUDIENCE] }],
    ['has a client_id in place of an audience', { aud: undefined, client_id: AUDIENCE }],
    ['expires this very second', { exp: SECONDS }],
    ['is good from this very second', { nbf: SECONDS }],
    ['has no scope', { scope: undefined }],
  ])('is verified when it %s', async (_, claims) => {
    expect(await verify(token(claims))).toMatchObject({ kind: 'verified' });
  });

  it('costs one request for the keys, however many tokens follow', async () => {
    await verify(token());
    await verify(token());
    await verify(signToken(KEYS.ES256, CLAIMS));
    expect(keySet.requests).toBe(1);
  });
});

describe('a token is rejected', () => {
  it.each([
    ['whose issuer is another', { iss: 'https://identity.example.org/other' }, 'JwtInvalidIssuerError'],
    ['whose issuer only begins alike', { iss: `${ISSUER}.evil.example` }, 'JwtInvalidIssuerError'],
    ['without an issuer', { iss: undefined }, 'JwtInvalidIssuerError'],
    ['for another audience', { aud: 'another' }, 'JwtInvalidAudienceError'],
    [
      'for another audience, whatever its client_id',
      { aud: 'another', client_id: AUDIENCE },
      'JwtInvalidAudienceError',
    ],
    ['for nobody', { aud: [], client_id: AUDIENCE }, 'JwtInvalidAudienceError'],
    ['of another client', { aud: undefined, client_id: 'another' }, 'JwtInvalidAudienceError'],
    ['with neither audience nor client', { aud: undefined }, 'JwtInvalidAudienceError'],
    ['with a client_id that is no text', { aud: undefined, client_id: 7 }, 'JwtInvalidAudienceError'],
    ['that has just expired', { exp: SECONDS - 1 }, 'JwtExpiredError'],
    ['that never expires', { exp: undefined }, 'JwtExpiredError'],
    ['that is not good yet', { nbf: SECONDS + 1 }, 'JwtNotBeforeError'],
    ['whose expiry is no number', { exp: 'tomorrow' }, 'JwtParseError'],
  ])('%s', async (_, claims, why) => {
    expect(await verify(token(claims))).toEqual({ kind: 'rejected', why });
  });

  it('whose signature is of another key', async () => {
    expect(await verify(signToken(STRANGER, CLAIMS))).toEqual({
      kind: 'rejected',
      why: 'JwtInvalidSignatureError',
    });
  });

  it('whose claims were changed after it was signed', async () => {
    const [header, , signature] = token().split('.');
    const claims = Buffer.from(JSON.stringify({ ...CLAIMS, sub: 'mallory' })).toString('base64url');
    expect(await verify(`${header}.${claims}.${signature}`)).toMatchObject({ kind: 'rejected' });
  });

  it.each(['none', 'HS256', 'ES256', ''])('that says its algorithm is "%s"', async (alg) => {
    expect(await verify(token({}, { alg }))).toMatchObject({ kind: 'rejected' });
  });

  it('that has no signature', async () => {
    const [header, claims] = token({}, { alg: 'none' }).split('.');
    expect(await verify(`${header}.${claims}.`)).toEqual({ kind: 'rejected', why: 'JwtParseError' });
  });

  it.each(['opaque', 'a.b.c', 'gho_16C7e42F292c6912E7710c838347Ae178B4a', ''])(
    'that is no JWT: "%s"',
    async (text) => {
      expect(await verify(text)).toEqual({ kind: 'rejected', why: 'JwtParseError' });
    },
  );

  it('that names no key', async () => {
    expect(await verify(token({}, { kid: undefined }))).toEqual({
      kind: 'rejected',
      why: 'JwtWithoutValidKidError',
    });
  });

  it.each([
    ['for encryption', { ...KEYS.RS256.jwk, use: 'enc' }, 'JwkInvalidUseError'],
    ['of a kind that signs nothing', { kty: 'oct', kid: 'RS256' }, 'JwtInvalidSignatureAlgorithmError'],
  ])('that names a key %s', async (_, jwk, why) => {
    keySet.body = JSON.stringify({ keys: [jwk] });
    expect(await verify(token())).toEqual({ kind: 'rejected', why });
  });

  it('that names an unknown key: also the second time, when the keys are not asked for again', async () => {
    const unknown = token({}, { kid: 'unknown' });
    expect(await verify(unknown)).toEqual({ kind: 'rejected', why: 'KidNotFoundInJwksError' });
    expect(await verify(unknown)).toEqual({ kind: 'rejected', why: 'WaitPeriodNotYetEndedJwkError' });
    expect(keySet.requests).toBe(1);
  });

  it('and the next good one is verified all the same', async () => {
    await verify(token({}, { kid: 'unknown' }));
    await verify(token({}, { kid: 'unknown' }));
    expect(await verify(token())).toMatchObject({ kind: 'verified' });
  });
});

describe('a key set that cannot be had says nothing about the token', () => {
  it('when nobody listens, however often', async () => {
    keySet.close();
    await expect(verify(token())).rejects.toMatchObject({ name: 'Error' });
    await expect(verify(token())).rejects.toThrow(keySet.uri);
  });

  it.each([404, 500, 302])('when the answer is %i, however often', async (status) => {
    keySet.status = status;
    await expect(verify(token())).rejects.toThrow(keySet.uri);
    await expect(verify(token())).rejects.toThrow(keySet.uri);
    expect(keySet.requests).toBe(2);
  });

  it.each([
    ['no JSON', '<html>Sign in</html>'],
    ['no key set', '{"keys":7}'],
    ['empty', ''],
    ['a key set of something else', '{"keys":["key"]}'],
  ])('when it is %s, however often', async (_, body) => {
    keySet.body = body;
    await expect(verify(token())).rejects.toThrow(/JWK/);
    await expect(verify(token())).rejects.toThrow(/JWK/);
  });

  it('and is asked again once it can be had', async () => {
    keySet.status = 500;
    await expect(verify(token())).rejects.toThrow();
    keySet.status = 200;
    expect(await verify(token())).toMatchObject({ kind: 'verified' });
  });
});

describe('a new key', () => {
  it('is fetched when the first token that it signed arrives', async () => {
    await verify(token());
    const next = createSigningKey('ES256', 'next');
    keySet.body = JSON.stringify({ keys: [KEYS.RS256.jwk, next.jwk] });
    expect(await verify(signToken(next, CLAIMS))).toMatchObject({ kind: 'verified' });
    expect(keySet.requests).toBe(2);
  });
});
