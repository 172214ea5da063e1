import { describe, expect, it } from 'vitest';
import { authorize } from '../../../../functions/api/steps/authorize.ts';
import type { Verification } from '../../../../functions/api/steps/token.ts';
import { createClock } from '../../../support/clock.ts';
import { createLog } from '../../../support/log.ts';

const VERIFIED: Verification = {
  kind: 'verified',
  claims: { sub: 'alice', scope: 'item-sync/read item-sync/sync' },
};

interface Given {
  verification?: Verification;
  syncScope?: string;
}

function createAuthorizer({ verification = VERIFIED, syncScope = 'item-sync/sync' }: Given = {}) {
  const tokens: string[] = [];
  const log = createLog();
  const verify = async (token: string) => {
    tokens.push(token);
    return verification;
  };
  const { now } = createClock();
  const dependencies = { verify, syncScope, log, now, remainingTimeMs: () => 10_000 };
  const ask = (headers?: Record<string, string>) => authorize(dependencies, { ...(headers && { headers }) });
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
    expect(log.messages()).toEqual(['refused a request: its token lacks the scope that SYNC_SCOPE asks for']);
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

  it('needs no scope where the issuer has none', async () => {
    const { ask } = createAuthorizer({
      syncScope: '',
      verification: { kind: 'verified', claims: { sub: 'alice' } },
    });
    expect(await ask({ authorization: 'Bearer t' })).toMatchObject({ isAuthorized: true });
  });

  it.each([
    ['its subject', { sub: 'alice', client_id: 'machine' }, 'alice'],
    ['its client where it has no subject', { client_id: 'machine' }, 'machine'],
    ['unknown where it has neither', {}, 'unknown'],
  ])('is known by %s', async (_, claims, subject) => {
    const { ask } = createAuthorizer({ syncScope: '', verification: { kind: 'verified', claims } });
    expect(await ask({ authorization: 'Bearer t' })).toMatchObject({ context: { subject } });
  });
});

it('an issuer that cannot be reached is no verdict', async () => {
  const failure = new Error('the key set cannot be had');
  const dependencies = {
    verify: () => Promise.reject(failure),
    syncScope: '',
    log: createLog(),
    now: createClock().now,
    remainingTimeMs: () => 10_000,
  };
  await expect(authorize(dependencies, { headers: { authorization: 'Bearer t' } })).rejects.toBe(failure);
});
