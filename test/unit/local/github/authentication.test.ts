import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createInstallationTokens } from '../../../../local/github/app/installation-tokens.ts';
import { createAuthentication } from '../../../../local/github/authentication.ts';
import type { Caller } from '../../../../local/github/callers.ts';
import { createClock, HOUR_MS } from '../../../support/clock.ts';
import { createSigningKey, signToken } from '../../../support/tokens.ts';

const key = createSigningKey('RS256');
const caller = (kind: Caller['kind']): Caller => ({
  kind,
  name: kind,
  allowance: undefined,
  selection: undefined,
});

const USERS = new Map([['good', caller('user')]]);

const setUp = () => {
  const clock = createClock();
  const tokens = createInstallationTokens(clock.now);
  const app = {
    appId: 1,
    installationId: 2,
    publicKey: createPublicKey(key.privateKey),
    tokens,
    webhook: { read: () => undefined, write: () => {} },
    itself: caller('app'),
    installation: caller('installation'),
  };
  const identify = createAuthentication({ users: USERS, app, now: clock.now });
  const seconds = clock.now().getTime() / 1000;
  return { clock, tokens, identify, jwt: signToken(key, { iss: 1, iat: seconds, exp: seconds + 60 }) };
};

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;
const badCredentials = expect.objectContaining({ status: 401, message: 'Bad credentials' });

describe('createAuthentication', () => {
  it.each(['token good', 'Bearer good', 'bearer good', basic('anybody:good')])(
    'identifies the user by %s',
    (header) => {
      expect(setUp().identify(header).kind).toBe('user');
    },
  );

  it.each(['token bad', 'Bearer ', 'good', 'Digest good', basic('ood'), basic('good:bad')])(
    'answers 401 Bad credentials for %s',
    (header) => {
      expect(() => setUp().identify(header)).toThrow(badCredentials);
    },
  );

  it('answers 401 Requires authentication without a header', () => {
    expect(() => setUp().identify(undefined)).toThrow(
      expect.objectContaining({ status: 401, message: 'Requires authentication' }),
    );
  });

  it('identifies the App by its JWT, if there is an App', () => {
    const { identify, jwt, clock } = setUp();
    expect(identify(`bearer ${jwt}`).kind).toBe('app');
    const without = createAuthentication({ users: USERS, app: undefined, now: clock.now });
    expect(() => without(`bearer ${jwt}`)).toThrow(badCredentials);
  });

  it('identifies the installation by each of its tokens for an hour', () => {
    const { clock, tokens, identify } = setUp();
    const first = tokens.issue();
    expect(first.token).toMatch(/^ghs_[A-Za-z0-9]{36}$/);
    expect(first.expiresAt.getTime()).toBe(clock.now().getTime() + HOUR_MS);
    clock.advance(HOUR_MS - 1);
    const second = tokens.issue();
    expect(identify(`token ${first.token}`).kind).toBe('installation');
    clock.advance(1);
    expect(() => identify(`token ${first.token}`)).toThrow(badCredentials);
    expect(identify(`token ${second.token}`).kind).toBe('installation');
  });
});
