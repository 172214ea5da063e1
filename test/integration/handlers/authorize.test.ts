import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenVerifier } from '../../../functions/auth/token.ts';
import { authorize } from '../../../functions/handlers/authorize.ts';
import { createRejectionLog } from '../../../functions/shared/rejection-log.ts';
import { createLog, type RecordedLog } from '../../support/log.ts';
import {
  createSigningKey,
  KEY_KINDS,
  type KeyKind,
  type KeySet,
  type SigningKey,
  serveKeySet,
  signToken,
} from '../../support/tokens.ts';

const ISSUER = 'https://identity.example.org/realm';
const NOW = Date.parse('2026-11-23T09:00:00.000Z');
const CLAIMS = {
  iss: ISSUER,
  aud: 'item-sync',
  sub: 'alice',
  scope: 'item-sync/sync',
  exp: NOW / 1_000 + 300,
};
const KEYS = Object.fromEntries(KEY_KINDS.map((kind) => [kind, createSigningKey(kind)])) as Record<
  KeyKind,
  SigningKey
>;

let keySet: KeySet;
let log: RecordedLog;
let authorizeToken: (token: string) => ReturnType<typeof authorize>;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  keySet = await serveKeySet(Object.values(KEYS));
  log = createLog();
  const verify = createTokenVerifier({
    issuer: ISSUER,
    audience: 'item-sync',
    jwksUri: keySet.uri,
    keysMaxAgeMinutes: 15,
    leewaySeconds: 0,
    maxLifetimeHours: 24,
  });
  const scopes = { sync: 'item-sync/sync', read: 'item-sync/read' };
  const logRejection = createRejectionLog();
  const dependencies = {
    verify,
    logRejection,
    scopes,
    log,
    now: () => new Date(),
    remainingTimeMs: () => 10_000,
  };
  authorizeToken = (token) =>
    authorize(dependencies, { routeKey: 'POST /sync', headers: { authorization: `Bearer ${token}` } });
});
afterEach(() => {
  keySet.close();
  vi.useRealTimers();
});

// Some issuers publish their keys without `alg`.
const withoutAlg = ({ jwk: { alg: _, ...jwk } }: SigningKey) => jwk;
const serve = (keys: readonly object[]): void => {
  keySet.body = JSON.stringify({ keys });
};

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Signs with the public key as if it were an HMAC secret: the classic algorithm confusion attack. */
function signedWithPublicKey({ kid, jwk }: SigningKey, alg: string): string {
  const text = `${encode({ alg, kid, typ: 'JWT' })}.${encode(CLAIMS)}`;
  return `${text}.${createHmac('sha256', JSON.stringify(jwk)).update(text).digest('base64url')}`;
}

const ALGORITHMS = ['none', 'HS256', 'PS256', 'RS256', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA', ''];
const UNAUTHORIZED = { isAuthorized: false, errorMessage: 'Unauthorized' };

describe.each(KEY_KINDS)('a token signed by a key of kind %s', (kind) => {
  const token = (header?: Record<string, unknown>): string => signToken(KEYS[kind], CLAIMS, header);
  const ownAlgorithm = KEYS[kind].kind.alg;

  it('is unauthorized when the issuer has a different key with the same id', async () => {
    serve([createSigningKey(kind).jwk]);
    await expect(authorizeToken(token())).resolves.toEqual(UNAUTHORIZED);
  });

  it('is unauthorized when the issuer has no key with its key id', async () => {
    await expect(authorizeToken(token({ kid: 'unknown' }))).resolves.toEqual(UNAUTHORIZED);
    expect(log.lines).toMatchObject([{ attributes: { why: 'UnknownKeyId' } }]);
  });

  describe.each([
    ['state their algorithm', ({ jwk }: SigningKey) => jwk],
    ['do not state their algorithm', withoutAlg],
  ])('when the published keys %s', (_, toPublishedKey) => {
    beforeEach(() => serve(Object.values(KEYS).map(toPublishedKey)));

    it('is authorized', async () => {
      expect(await authorizeToken(token())).toEqual({ isAuthorized: true, context: { subject: 'alice' } });
    });

    it.each(KEY_KINDS.filter((other) => other !== kind))(
      'is unauthorized when its key id is that of the %s key',
      async (other) => {
        await expect(authorizeToken(token({ kid: KEYS[other].kid }))).resolves.toEqual(UNAUTHORIZED);
      },
    );

    it.each(ALGORITHMS.filter((alg) => alg !== ownAlgorithm))(
      'is unauthorized when its header claims the algorithm "%s"',
      async (alg) => {
        await expect(authorizeToken(token({ alg }))).resolves.toEqual(UNAUTHORIZED);
      },
    );

    it.each(['HS256', 'none', ownAlgorithm])(
      'is unauthorized when it was signed with the public key as a secret and its header claims "%s"',
      async (alg) => {
        await expect(authorizeToken(signedWithPublicKey(KEYS[kind], alg))).resolves.toEqual(UNAUTHORIZED);
      },
    );
  });
});

it('a malformed published key is ignored, so that a token that names it is unauthorized', async () => {
  serve([{ ...KEYS.ES256.jwk, x: 'AAAA' }, KEYS.RS256.jwk]);
  await expect(authorizeToken(signToken(KEYS.ES256, CLAIMS))).resolves.toEqual(UNAUTHORIZED);
  await expect(authorizeToken(signToken(KEYS.RS256, CLAIMS))).resolves.toMatchObject({ isAuthorized: true });
});
