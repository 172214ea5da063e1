import { describe, expect, it } from 'vitest';
import type { Verification } from '../../../../functions/auth/token.ts';
import { authorize } from '../../../../functions/handlers/authorize.ts';
import { createRejectionLog } from '../../../../functions/shared/rejection-log.ts';
import { createClock } from '../../../support/clock.ts';
import { createLog } from '../../../support/log.ts';

const VERIFIED: Verification = {
  kind: 'verified',
  claims: { sub: 'alice', scope: 'item-sync/read item-sync/sync' },
};

interface Given {
  verification?: Verification;
  scopes?: { sync: string; read: string };
}

const SCOPES = { sync: 'item-sync/sync', read: 'item-sync/read' };
/** API Gateway answers 401 to this message only. */
const UNAUTHORIZED = { isAuthorized: false, errorMessage: 'Unauthorized' };
const NO_SCOPES = { sync: '', read: '' };

function createAuthorizer({ verification = VERIFIED, scopes = SCOPES }: Given = {}) {
  const tokens: string[] = [];
  const log = createLog();
  const verify = async (token: string) => {
    tokens.push(token);
    return verification;
  };
  const clock = createClock();
  const { now } = clock;
  const logRejection = createRejectionLog(() => now().getTime());
  const dependencies = { verify, logRejection, scopes, log, now, remainingTimeMs: () => 10_000 };
  const ask = (headers?: Record<string, string>, routeKey = 'POST /sync') =>
    authorize(dependencies, { routeKey, ...(headers && { headers }) });
  return { ask, tokens, log, clock };
}

describe('a request without a valid token is unauthorized', () => {
  it.each([
    ['missing headers', undefined],
    ['a missing authorization header', {}],
    ['an empty authorization header', { authorization: '' }],
    ['a scheme without a token', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Basic YWxpY2U6c2VjcmV0' }],
    ['a token without a scheme', { authorization: 'eyJ.eyJ.sig' }],
    ['two tokens', { authorization: 'Bearer one two' }],
  ])('because of %s, and no token is verified', async (_, headers) => {
    const { ask, tokens, log } = createAuthorizer();
    expect(await ask(headers)).toEqual(UNAUTHORIZED);
    expect(tokens).toEqual([]);
    expect(log.lines).toMatchObject([{ level: 'WARN', attributes: { why: 'NoBearerToken' } }]);
  });

  it('because its token is rejected, and the log says why without the token', async () => {
    const { ask, log } = createAuthorizer({ verification: { kind: 'rejected', why: 'TokenExpired' } });
    expect(await ask({ authorization: 'Bearer secret-token' })).toEqual(UNAUTHORIZED);
    expect(log.lines).toMatchObject([{ attributes: { why: 'TokenExpired' } }]);
    expect(JSON.stringify(log.lines)).not.toContain('secret-token');
  });
});

describe('rejections with the same cause', () => {
  it('are logged once a minute, with the number of those that were not', async () => {
    const { ask, log, clock } = createAuthorizer();
    for (const milliseconds of [0, 1, 59_998, 1, 1, 60_000]) {
      clock.advance(milliseconds);
      await ask({});
    }
    const message = 'rejected a request: invalid bearer token';
    expect(log.lines).toMatchObject([
      { message, attributes: { why: 'NoBearerToken' } },
      { message, attributes: { why: 'NoBearerToken', notLogged: 2 } },
      { message, attributes: { why: 'NoBearerToken', notLogged: 1 } },
    ]);
  });

  it('do not hide another cause', async () => {
    const { ask, log } = createAuthorizer({ verification: { kind: 'rejected', why: 'TokenExpired' } });
    await ask({});
    await ask({ authorization: 'Bearer t' });
    expect(log.lines).toMatchObject([
      { attributes: { why: 'NoBearerToken' } },
      { attributes: { why: 'TokenExpired' } },
    ]);
  });
});

describe('a request with a valid token', () => {
  it.each(['Bearer the-token', 'bearer the-token', 'BEARER the-token', 'Bearer   the-token'])(
    'is authorized with "%s"',
    async (authorization) => {
      const { ask, tokens } = createAuthorizer();
      expect(await ask({ authorization })).toEqual({ isAuthorized: true, context: { subject: 'alice' } });
      expect(tokens).toEqual(['the-token']);
    },
  );

  it.each([
    ['no scope', undefined],
    ['other scopes', 'item-sync/read openid'],
    ['a scope that only begins like it', 'item-sync/synchronize'],
    ['a scope that only ends like it', 'not-item-sync/sync'],
    ['an empty scope', ''],
  ])('is forbidden without the required scope: %s', async (_, scope) => {
    const claims = { sub: 'alice', ...(scope !== undefined && { scope }) };
    const { ask, log } = createAuthorizer({ verification: { kind: 'verified', claims } });
    expect(await ask({ authorization: 'Bearer t' })).toMatchObject({ isAuthorized: false });
    expect(log.messages()).toEqual([
      'rejected a request: its token lacks the sync scope, which POST /sync requires',
    ]);
  });

  it.each([
    ['scp, a list', { scp: ['item-sync/sync'] }],
    ['scp, a text', { scp: 'item-sync/sync other' }],
  ])('is authorized with its scopes in %s', async (_, granted) => {
    const claims = { sub: 'alice', ...granted } as Extract<Verification, { kind: 'verified' }>['claims'];
    const { ask } = createAuthorizer({ verification: { kind: 'verified', claims } });
    expect(await ask({ authorization: 'Bearer t' })).toMatchObject({ isAuthorized: true });
  });

  it.each([
    ['POST /sync', 'item-sync/sync', true],
    ['POST /sync', 'item-sync/read', false],
    ['POST /sync/{itemBankId}', 'item-sync/sync', true],
    ['POST /sync/{itemBankId}', 'item-sync/read', false],
    ['GET /items', 'item-sync/read', true],
    ['GET /items', 'item-sync/sync', false],
    ['GET /items/{itemBankId}', 'item-sync/read', true],
    ['GET /items/{itemBankId}', 'item-sync/sync', false],
  ])('for %s with the scope %s is authorized: %s', async (routeKey, scope, isAuthorized) => {
    const { ask } = createAuthorizer({
      verification: { kind: 'verified', claims: { sub: 'alice', scope } },
    });
    expect(await ask({ authorization: 'Bearer t' }, routeKey)).toMatchObject({ isAuthorized });
  });

  it('fails on a route without a scope', async () => {
    const { ask } = createAuthorizer({ scopes: NO_SCOPES });
    await expect(ask({ authorization: 'Bearer t' }, 'DELETE /items')).rejects.toThrow('has no scope');
  });

  it('needs no scope if the issuer has none', async () => {
    const { ask } = createAuthorizer({
      scopes: NO_SCOPES,
      verification: { kind: 'verified', claims: { sub: 'alice' } },
    });
    expect(await ask({ authorization: 'Bearer t' })).toMatchObject({ isAuthorized: true });
  });

  it.each([
    ['the subject', { sub: 'alice', client_id: 'machine' }, 'alice'],
    ['the client, if there is no subject', { client_id: 'machine' }, 'machine'],
    ['unknown, if there is neither', {}, 'unknown'],
  ])('is identified by %s', async (_, claims, subject) => {
    const { ask } = createAuthorizer({ scopes: NO_SCOPES, verification: { kind: 'verified', claims } });
    expect(await ask({ authorization: 'Bearer t' })).toMatchObject({ context: { subject } });
  });
});

it('fails if the issuer cannot be reached', async () => {
  const failure = new Error('the key set cannot be had');
  const dependencies = {
    verify: () => Promise.reject(failure),
    logRejection: createRejectionLog(),
    scopes: NO_SCOPES,
    log: createLog(),
    now: createClock().now,
    remainingTimeMs: () => 10_000,
  };
  await expect(
    authorize(dependencies, { routeKey: 'POST /sync', headers: { authorization: 'Bearer t' } }),
  ).rejects.toBe(failure);
});
