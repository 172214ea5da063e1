import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenVerifier, type TokenRules, type VerifyToken } from '../../../../functions/auth/token.ts';
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
  verify = verifierWith();
});
afterEach(() => {
  keySet.close();
  vi.useRealTimers();
});

function verifierWith(rules: Partial<TokenRules> = {}): VerifyToken {
  return createTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUri: keySet.uri,
    keysMaxAgeMinutes: 15,
    leewaySeconds: 5,
    maxLifetimeHours: 24,
    ...rules,
  });
}

const token = (claims: Record<string, unknown> = {}, header?: Record<string, unknown>): string =>
  signToken(KEYS.RS256, { ...CLAIMS, ...claims }, header);

describe('a valid token', () => {
  it.each(['RS256', 'ES256', 'EdDSA'] as const)('is verified if it is signed with %s', async (algorithm) => {
    expect(await verify(signToken(KEYS[algorithm], CLAIMS))).toEqual({ kind: 'verified', claims: CLAIMS });
  });

  it.each([
    ['has several audiences, one of them ours', { aud: ['another', AUDIENCE] }],
    ['has a client_id instead of an audience', { aud: undefined, client_id: AUDIENCE }],
    ['expired five seconds ago, the leeway', { exp: SECONDS - 5 }],
    ['is valid in five seconds, the leeway', { nbf: SECONDS + 5 }],
    ['was issued in five seconds, the leeway', { iat: SECONDS + 5 }],
    ['lives for a day, the longest lifetime', { iat: SECONDS - 100, exp: SECONDS - 100 + 86_400 }],
    ['does not say when it was issued, and expires in a day', { iat: undefined, exp: SECONDS + 86_400 }],
    ['is marked as an access token by Amazon Cognito', { token_use: 'access' }],
    ['is marked as an access token by Keycloak', { typ: 'Bearer' }],
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
    ['that expired a second before the leeway', { exp: SECONDS - 6 }, 'TokenExpired'],
    ['that never expires', { exp: undefined }, 'TokenExpired'],
    ['that is valid a second after the leeway', { nbf: SECONDS + 6 }, 'TokenNotYetValid'],
    ['that was issued a second after the leeway', { iat: SECONDS + 6 }, 'TokenNotYetValid'],
    ['that lives a second too long', { iat: SECONDS - 100, exp: SECONDS - 99 + 86_400 }, 'LifetimeTooLong'],
    ['that expires in more than a day', { iat: undefined, exp: SECONDS + 86_401 }, 'LifetimeTooLong'],
    ['that is an ID token of Amazon Cognito', { token_use: 'id' }, 'NotAnAccessToken'],
    ['that is an ID token of Keycloak', { typ: 'ID' }, 'NotAnAccessToken'],
    ['that is an ID token with the hash of an access token', { at_hash: 'x' }, 'NotAnAccessToken'],
    ['that reports a logout', { events: {} }, 'NotAnAccessToken'],
    ['whose scope is a list', { scope: ['item-sync/sync'] }, 'MalformedToken'],
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

  it.each(['logout+jwt', 'secevent+jwt', 'dpop+jwt', 7])('whose type is %s', async (typ) => {
    expect(await verify(token({}, { typ }))).toMatchObject({ kind: 'rejected' });
  });

  it.each(['JWT', 'at+jwt', 'application/at+jwt', undefined])('but not if its type is %s', async (typ) => {
    expect(await verify(token({}, { typ }))).toMatchObject({ kind: 'verified' });
  });

  it.each([[['exp']], [['b64']], [[]], 'exp'])('with the critical extensions %j', async (crit) => {
    expect(await verify(token({}, { crit }))).toEqual({ kind: 'rejected', why: 'UnknownExtension' });
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

it('a leeway of zero accepts a token until the second in which it expires', async () => {
  const strict = verifierWith({ leewaySeconds: 0 });
  expect(await strict(token({ exp: SECONDS, nbf: SECONDS, iat: SECONDS }))).toMatchObject({
    kind: 'verified',
  });
  for (const claims of [{ exp: SECONDS - 1 }, { nbf: SECONDS + 1 }, { iat: SECONDS + 1 }]) {
    expect(await strict(token(claims))).toMatchObject({ kind: 'rejected' });
  }
});
