import { describe, expect, it } from 'vitest';
import type { Verification } from '../../../../functions/auth/token.ts';
import { authorize } from '../../../../functions/handlers/authorize.ts';
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
const NO_SCOPES = { sync: '', read: '' };

function createAuthorizer({ verification = VERIFIED, scopes = SCOPES }: Given = {}) {
  const tokens: string[] = [];
  const log = createLog();
  const verify = async (token: string) => {
    tokens.push(token);
    return verification;
  };
  const { now } = createClock();
  const dependencies = { verify, scopes, log, now, remainingTimeMs: () => 10_000 };
  const ask = (headers?: Record<string, string>, routeKey = 'POST /sync') =>
    authorize(dependencies, { routeKey, ...(headers && { headers }) });
  return { ask, tokens, log };
}

describe('who comes without a good token is unauthorized', () => {
  it.each([
    ['no headers', undefined],
    ['no authorization header', {}],
    ['an empty one', { authorization: '' }],
    ['a scheme without a token', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Basic YWxpY2U6c2VjcmV0' }],
    ['a token without a scheme', { authorization: 'eyJ.eyJ.sig' }],
    ['two tokens', { authorization: 'Bearer one two' }],
  ])('with %s, and no token is looked at', async (_, headers) => {
    const { ask, tokens, log } = createAuthorizer();
    // API Gateway knows this very message.
    await expect(ask(headers)).rejects.toThrow(/^Unauthorized$/);
    expect(tokens).toEqual([]);
    expect(log.lines).toMatchObject([{ level: 'INFO', attributes: { why: 'NoBearerToken' } }]);
  });

  it('with a token that is rejected, and the log knows why and no token', async () => {
    const { ask, log } = createAuthorizer({ verification: { kind: 'rejected', why: 'JwtExpiredError' } });
    await expect(ask({ authorization: 'Bearer secret-token' })).rejects.toThrow(/^Unauthorized$/);
    expect(log.lines).toMatchObject([{ attributes: { why: 'JwtExpiredError' } }]);
    expect(JSON.stringify(log.lines)).not.toContain('secret-token');
  });
});

describe('who comes with a good token', () => {
  it.each(['Bearer the-token', 'bearer the-token', 'BEARER the-token', 'Bearer   the-token'])(
    'is authorized by "%s"',
    async (authorization) => {
      const { ask, tokens } = createAuthorizer();
      expect(await ask({ authorization })).toEqual({ isAuthorized: true, context: { subject: 'alice' } });
      expect(tokens).toEqual(['the-token']);
    },
  );

  it.each([
    ['has none', undefined],
    ['has others', 'item-sync/read openid'],
    ['has one that begins alike', 'item-sync/synchronize'],
    ['has one that ends alike', 'not-item-sync/sync'],
    ['has an empty one', ''],
  ])('but lacks the scope is forbidden: %s', async (_, scope) => {
    const claims = { sub: 'alice', ...(scope !== undefined && { scope }) };
    const { ask, log } = createAuthorizer({ verification: { kind: 'verified', claims } });
    expect(await ask({ authorization: 'Bearer t' })).toMatchObject({ isAuthorized: false });
    expect(log.messages()).toEqual([
      'refused a request: its token lacks the sync scope that POST /sync asks for',
    ]);
  });

  it.each([
    ['scope, a list', { scope: ['item-sync/read', 'item-sync/sync'] }],
    ['scp, a list', { scp: ['item-sync/sync'] }],
    ['scp, a text', { scp: 'item-sync/sync other' }],
  ])('may have its scopes in %s', async (_, granted) => {
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
  ])('on %s with the scope %s is let in: %s', async (routeKey, scope, isAuthorized) => {
    const { ask } = createAuthorizer({
      verification: { kind: 'verified', claims: { sub: 'alice', scope } },
    });
    expect(await ask({ authorization: 'Bearer t' }, routeKey)).toMatchObject({ isAuthorized });
  });

  it('is let in nowhere on a route that has no scope', async () => {
    const { ask } = createAuthorizer({ scopes: NO_SCOPES });
    await expect(ask({ authorization: 'Bearer t' }, 'DELETE /items')).rejects.toThrow('has no scope');
  });

  it('needs no scope where the issuer has none', async () => {
    const { ask } = createAuthorizer({
      scopes: NO_SCOPES,
      verification: { kind: 'verified', claims: { sub: 'alice' } },
    });
    expect(await ask({ authorization: 'Bearer t' })).toMatchObject({ isAuthorized: true });
  });

  it.each([
    ['its subject', { sub: 'alice', client_id: 'machine' }, 'alice'],
    ['its client where it has no subject', { client_id: 'machine' }, 'machine'],
    ['unknown where it has neither', {}, 'unknown'],
  ])('is known by %s', async (_, claims, subject) => {
    const { ask } = createAuthorizer({ scopes: NO_SCOPES, verification: { kind: 'verified', claims } });
    expect(await ask({ authorization: 'Bearer t' })).toMatchObject({ context: { subject } });
  });
});

it('an issuer that cannot be reached is no verdict', async () => {
  const failure = new Error('the key set cannot be had');
  const dependencies = {
    verify: () => Promise.reject(failure),
    scopes: NO_SCOPES,
    log: createLog(),
    now: createClock().now,
    remainingTimeMs: () => 10_000,
  };
  await expect(
    authorize(dependencies, { routeKey: 'POST /sync', headers: { authorization: 'Bearer t' } }),
  ).rejects.toBe(failure);
});
