import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenVerifier, type VerifyToken } from '../../../../functions/auth/token.ts';
import {
  createSigningKey,
  type KeySet,
  type SigningKey,
  serveKeySet,
  signToken,
} from '../../../support/tokens.ts';

const NOW = Date.parse('2026-11-23T09:00:00.000Z');
const ISSUER = 'https://identity.example.org/realm';
const CLAIMS = { iss: ISSUER, aud: 'item-sync', sub: 'alice', exp: NOW / 1_000 + 3_600 };

const KEY = createSigningKey('RS256');
const OTHER = createSigningKey('ES256');
const token = (key: SigningKey = KEY, header?: Record<string, unknown>): string =>
  signToken(key, CLAIMS, header);

let keySet: KeySet;
let verify: VerifyToken;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  keySet = await serveKeySet([KEY, OTHER]);
  verify = createTokenVerifier({
    issuer: ISSUER,
    audience: 'item-sync',
    jwksUri: keySet.uri,
    keysMaxAgeMinutes: 15,
    leewaySeconds: 0,
    maxLifetimeHours: 24,
  });
});
afterEach(() => {
  keySet.close();
  vi.useRealTimers();
});

const serve = (keys: readonly unknown[]): void => {
  keySet.body = JSON.stringify({ keys });
};
const passSeconds = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);

describe('keys with the same id', () => {
  const SAME_ID = [
    createSigningKey('RS512', 'one'),
    createSigningKey('RS384', 'one'),
    createSigningKey('RS256', 'one'),
    createSigningKey('ES256', 'one'),
  ];

  it.each(SAME_ID)('are told apart by algorithm: $kind.alg', async (key) => {
    serve(SAME_ID.map(({ jwk }) => jwk));
    expect(await verify(token(key))).toMatchObject({ kind: 'verified' });
  });

  it.each(SAME_ID)('are told apart by type and signature without an algorithm: $kind.alg', async (key) => {
    serve(SAME_ID.map(({ jwk: { alg: _, ...jwk } }) => jwk));
    expect(await verify(token(key))).toMatchObject({ kind: 'verified' });
  });

  it('are told apart by use, whichever comes first', async () => {
    const encryption = { ...createSigningKey('RS256', KEY.kid).jwk, use: 'enc' };
    for (const keys of [
      [encryption, KEY.jwk],
      [KEY.jwk, encryption],
    ]) {
      serve(keys);
      expect(await verify(token())).toMatchObject({ kind: 'verified' });
      passSeconds(900);
    }
  });

  it('do not verify a token that none of them signed', async () => {
    serve(SAME_ID.map(({ jwk }) => jwk));
    const stranger = createSigningKey('RS256', 'one');
    expect(await verify(token(stranger))).toEqual({ kind: 'rejected', why: 'InvalidSignature' });
    expect(await verify(token(stranger, { alg: 'ES512' }))).toMatchObject({ kind: 'rejected' });
  });
});

describe('an unusable key', () => {
  it.each([
    ['is null', null],
    ['is a text', 'key'],
    ['has no key id', { ...OTHER.jwk, kid: undefined }],
    ['has the key id null', { ...OTHER.jwk, kid: null }],
    ['has a list of uses', { ...OTHER.jwk, use: ['sig'] }],
    ['has no type', { ...OTHER.jwk, kty: undefined }],
    ['has a type that signs nothing', { ...OTHER.jwk, kty: 'oct' }],
    ['has an unknown curve', { ...OTHER.jwk, crv: 'P-0' }],
    ['has a coordinate that is not on the curve', { ...OTHER.jwk, x: 'AAAA' }],
    ['lacks a coordinate', { ...OTHER.jwk, y: undefined }],
    ['is for encryption', { ...OTHER.jwk, use: 'enc' }],
    ['may only sign', { ...OTHER.jwk, key_ops: ['sign'] }],
  ])('that %s is ignored, and costs no token of another key', async (_, jwk) => {
    serve([jwk, KEY.jwk]);
    expect(await verify(token())).toMatchObject({ kind: 'verified' });
    expect(await verify(token(OTHER))).toEqual({ kind: 'rejected', why: 'UnknownKeyId' });
  });
});

describe('an unavailable key set does not reject the token', () => {
  it('if nothing listens at its address, also the second time', async () => {
    keySet.close();
    await expect(verify(token())).rejects.toMatchObject({ name: 'Error' });
    await expect(verify(token())).rejects.toThrow(keySet.uri);
  });

  it.each([404, 500, 302])('if the answer is %i', async (status) => {
    keySet.status = status;
    await expect(verify(token())).rejects.toThrow(keySet.uri);
  });

  it.each([
    ['not JSON', '<html>Sign in</html>'],
    ['not a key set', '{"keys":7}'],
    ['empty', ''],
    ['a key set without a usable key', '{"keys":["key"]}'],
  ])('if it is %s, also the second time', async (_, body) => {
    keySet.body = body;
    await expect(verify(token())).rejects.toThrow(keySet.uri);
    await expect(verify(token())).rejects.toThrow(keySet.uri);
  });

  it('and is requested again after a pause that grows with every failure', async () => {
    keySet.status = 500;
    for (const [pause, requests] of [
      [0, 1],
      [0.9, 1],
      [0.2, 2],
      [1.9, 2],
      [0.2, 3],
      [30, 4],
      [29, 5],
    ] as const) {
      passSeconds(pause);
      await expect(verify(token())).rejects.toThrow(keySet.uri);
      expect(keySet.requests).toBe(requests);
    }
    keySet.status = 200;
    passSeconds(30);
    expect(await verify(token())).toMatchObject({ kind: 'verified' });
  });

  it('if a token names an unknown key, and those with known keys are verified', async () => {
    await verify(token());
    keySet.status = 500;
    passSeconds(11);
    await expect(verify(token(KEY, { kid: 'unknown' }))).rejects.toThrow(keySet.uri);
    expect(await verify(token())).toMatchObject({ kind: 'verified' });
  });
});

describe('the keys', () => {
  it('are fetched once for several tokens, also at the same time', async () => {
    await Promise.all([verify(token()), verify(token(OTHER)), verify(token(KEY, { kid: 'unknown' }))]);
    await verify(token());
    expect(keySet.requests).toBe(1);
  });

  it('are fetched again for the first token of a new key', async () => {
    await verify(token());
    passSeconds(11);
    const next = createSigningKey('ES256', 'next');
    serve([KEY.jwk, next.jwk]);
    expect(await verify(token(next))).toMatchObject({ kind: 'verified' });
    expect(keySet.requests).toBe(2);
  });

  it('are fetched at most once in ten seconds for tokens of unknown keys', async () => {
    for (const seconds of [0, 1, 8, 2, 9]) {
      passSeconds(seconds);
      expect(await verify(token(KEY, { kid: `unknown-${seconds}` }))).toMatchObject({ kind: 'rejected' });
    }
    expect(keySet.requests).toBe(2);
  });

  it('that were withdrawn are rejected after ten minutes', async () => {
    await verify(token());
    serve([OTHER.jwk]);
    passSeconds(599);
    expect(await verify(token())).toMatchObject({ kind: 'verified' });
    passSeconds(1);
    expect(await verify(token())).toEqual({ kind: 'rejected', why: 'UnknownKeyId' });
  });

  it('that were replaced under the same id are rejected', async () => {
    await verify(token());
    serve([createSigningKey('RS256', KEY.kid).jwk]);
    passSeconds(600);
    expect(await verify(token())).toEqual({ kind: 'rejected', why: 'InvalidSignature' });
  });

  it('are accepted while the key set is unavailable, until they are 15 minutes old', async () => {
    await verify(token());
    keySet.status = 500;
    passSeconds(899);
    expect(await verify(token())).toMatchObject({ kind: 'verified' });
    passSeconds(1);
    await expect(verify(token())).rejects.toThrow(keySet.uri);
  });
});
