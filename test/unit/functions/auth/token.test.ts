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

describe('a valid token', () => {
  it.each(['RS256', 'ES256', 'EdDSA'] as const)('is verified if it is signed with %s', async (algorithm) => {
    expect(await verify(signToken(KEYS[algorithm], CLAIMS))).toEqual({ kind: 'verified', claims: CLAIMS });
  });

  it.each([
    ['has several audiences, one of them ours', { aud: ['another', AUDIENCE] }],
    ['has a client_id instead of an audience', { aud: undefined, client_id: AUDIENCE }],
    ['expires in this second', { exp: SECONDS }],
    ['is valid from this second on', { nbf: SECONDS }],
    ['has no scope', { scope: undefined }],
  ])('is verified if it %s', async (_, claims) => {
    expect(await verify(token(claims))).toMatchObject({ kind: 'verified' });
  });

  it('is verified with keys that were fetched once', async () => {
    await verify(token());
    await verify(token());
    await verify(signToken(KEYS.ES256, CLAIMS));
    expect(keySet.requests).toBe(1);
  });
});

describe('a token is rejected', () => {
  it.each([
    ['with another issuer', { iss: 'https://identity.example.org/other' }, 'InvalidIssuer'],
    ['whose issuer only begins like ours', { iss: `${ISSUER}.evil.example` }, 'InvalidIssuer'],
    ['without an issuer', { iss: undefined }, 'InvalidIssuer'],
    ['for another audience', { aud: 'another' }, 'InvalidAudience'],
    [
      'for another audience, even if its client_id is ours',
      { aud: 'another', client_id: AUDIENCE },
      'InvalidAudience',
    ],
    ['with an empty list of audiences', { aud: [], client_id: AUDIENCE }, 'InvalidAudience'],
    ['of another client', { aud: undefined, client_id: 'another' }, 'InvalidAudience'],
    ['with neither audience nor client', { aud: undefined }, 'InvalidAudience'],
    ['with a client_id that is no text', { aud: undefined, client_id: 7 }, 'InvalidAudience'],
    ['that has just expired', { exp: SECONDS - 1 }, 'TokenExpired'],
    ['that never expires', { exp: undefined }, 'TokenExpired'],
    ['that is not valid yet', { nbf: SECONDS + 1 }, 'TokenNotYetValid'],
    ['whose expiry is not a number', { exp: 'tomorrow' }, 'MalformedToken'],
  ])('%s', async (_, claims, why) => {
    expect(await verify(token(claims))).toEqual({ kind: 'rejected', why });
  });

  it('that another key signed', async () => {
    expect(await verify(signToken(STRANGER, CLAIMS))).toEqual({
      kind: 'rejected',
      why: 'InvalidSignature',
    });
  });

  it('whose claims were changed after it was signed', async () => {
    const [header, , signature] = token().split('.');
    const claims = Buffer.from(JSON.stringify({ ...CLAIMS, sub: 'mallory' })).toString('base64url');
    expect(await verify(`${header}.${claims}.${signature}`)).toMatchObject({ kind: 'rejected' });
  });

  it.each(['none', 'HS256', 'ES256', ''])('that claims the algorithm "%s"', async (alg) => {
    expect(await verify(token({}, { alg }))).toMatchObject({ kind: 'rejected' });
  });

  it('that has no signature', async () => {
    const [header, claims] = token({}, { alg: 'none' }).split('.');
    expect(await verify(`${header}.${claims}.`)).toEqual({ kind: 'rejected', why: 'MalformedToken' });
  });

  it.each(['opaque', 'a.b.c', 'gho_16C7e42F292c6912E7710c838347Ae178B4a', ''])(
    'that is not a JWT: "%s"',
    async (text) => {
      expect(await verify(text)).toEqual({ kind: 'rejected', why: 'MalformedToken' });
    },
  );

  it('without a key id', async () => {
    expect(await verify(token({}, { kid: undefined }))).toEqual({
      kind: 'rejected',
      why: 'NoKeyId',
    });
  });

  it.each([
    ['for encryption', { ...KEYS.RS256.jwk, use: 'enc' }, 'UnsuitableKey'],
    ['of a kind that signs nothing', { kty: 'oct', kid: 'RS256' }, 'InvalidAlgorithm'],
  ])('that names a key %s', async (_, jwk, why) => {
    keySet.body = JSON.stringify({ keys: [jwk] });
    expect(await verify(token())).toEqual({ kind: 'rejected', why });
  });

  it('with an unknown key id, also the second time, when the keys are not fetched again', async () => {
    const unknown = token({}, { kid: 'unknown' });
    expect(await verify(unknown)).toEqual({ kind: 'rejected', why: 'UnknownKeyId' });
    expect(await verify(unknown)).toEqual({ kind: 'rejected', why: 'UnknownKeyId' });
    expect(keySet.requests).toBe(1);
  });

  it('with an unknown key id, and the next valid token is still verified', async () => {
    await verify(token({}, { kid: 'unknown' }));
    await verify(token({}, { kid: 'unknown' }));
    expect(await verify(token())).toMatchObject({ kind: 'verified' });
  });
});

describe('an unavailable key set does not reject the token', () => {
  it('if nothing listens at its address, also the second time', async () => {
    keySet.close();
    await expect(verify(token())).rejects.toMatchObject({ name: 'Error' });
    await expect(verify(token())).rejects.toThrow(keySet.uri);
  });

  it.each([404, 500, 302])('if the answer is %i, also the second time', async (status) => {
    keySet.status = status;
    await expect(verify(token())).rejects.toThrow(keySet.uri);
    await expect(verify(token())).rejects.toThrow(keySet.uri);
    expect(keySet.requests).toBe(2);
  });

  it.each([
    ['not JSON', '<html>Sign in</html>'],
    ['not a key set', '{"keys":7}'],
    ['empty', ''],
    ['a key set of something else', '{"keys":["key"]}'],
  ])('if it is %s, also the second time', async (_, body) => {
    keySet.body = body;
    await expect(verify(token())).rejects.toThrow(/JWK/);
    await expect(verify(token())).rejects.toThrow(/JWK/);
  });

  it('and is fetched again with the next token', async () => {
    keySet.status = 500;
    await expect(verify(token())).rejects.toThrow();
    keySet.status = 200;
    expect(await verify(token())).toMatchObject({ kind: 'verified' });
  });
});

describe('a new key', () => {
  it('is fetched with the first token that it signed', async () => {
    await verify(token());
    const next = createSigningKey('ES256', 'next');
    keySet.body = JSON.stringify({ keys: [KEYS.RS256.jwk, next.jwk] });
    expect(await verify(signToken(next, CLAIMS))).toMatchObject({ kind: 'verified' });
    expect(keySet.requests).toBe(2);
  });
});
