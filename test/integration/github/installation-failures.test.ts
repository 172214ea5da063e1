import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { findRepository } from '../../../functions/github/find-repository.ts';
import { checkVisibility } from '../../../functions/github/visibility.ts';
import { repositoryWebhooks } from '../../../functions/webhooks/webhook-target.ts';
import { createWebhook } from '../../../functions/webhooks/write-webhook.ts';
import { type Bank, hooksPath, ORGANIZATION, ROUTES, WEBHOOK_SECRET } from '../../support/bank.ts';
import {
  check,
  connect,
  connectByOrganization,
  contextBy,
  failing,
  readOrganization,
  startBankOfApp,
  TOKENS,
  UNAUTHORIZED,
} from './installation-support.ts';
import { createApp, listed } from './support.ts';

describe('an App without a token', () => {
  const REJECTED = { name: 'GitHubCredentialsRejected', details: { githubRequestId: expect.any(String) } };

  it.each([
    ['has a wrong key', { privateKey: createApp().app.privateKey }],
    ['is unknown', { appId: 8 }],
    // This is a 404, which must not be taken for a deleted repository.
    ['is not installed', { installationId: 71 }],
  ])('throws the same error for any request if it %s', async (_, app) => {
    const bank = await startBankOfApp();
    const [repository] = await listed(bank);
    if (!repository) throw new Error('The bank has three.');
    const context = contextBy(bank, connect(bank, app));
    await expect(findRepository(context, repository.itemBankId)).rejects.toMatchObject(REJECTED);
    await expect(check(context, repository)).rejects.toMatchObject(REJECTED);
    await expect(checkVisibility(context)).rejects.toMatchObject(REJECTED);
    expect(bank.requests(ROUTES.repositoryById)).toBe(0);
  });

  it('reports an undocumented answer about its installation', async () => {
    const bank = await startBankOfApp();
    const outcome = { status: 200, body: {} };
    bank.site.fail({ ...failing(`/orgs/${ORGANIZATION}/installation`, 1), outcome });
    const context = contextBy(bank, connectByOrganization(bank));
    await expect(checkVisibility(context)).rejects.toMatchObject({
      name: 'GitHubUnavailable',
      details: { githubRequestId: expect.any(String) },
    });
    expect(bank.requests(TOKENS)).toBe(0);
  });

  it('is deferred if GitHub asks to wait', async () => {
    const bank = await startBankOfApp();
    bank.site.fail({
      ...failing('/app/', 1, 'POST'),
      outcome: { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } },
    });
    const context = contextBy(bank, connect(bank));
    await expect(checkVisibility(context)).rejects.toMatchObject({
      name: 'DeferredError',
      deferral: { kind: 'rate-limited', resumeAt: new Date('2026-11-23T09:01:00.000Z') },
    });
  });

  it('is deferred after three attempts without an answer', async () => {
    const bank = await startBankOfApp();
    bank.site.fail({ ...failing('/app/', 3, 'POST'), outcome: { connection: 'dropped-before-work' } });
    const context = contextBy(bank, connect(bank));
    await expect(checkVisibility(context)).rejects.toMatchObject({ deferral: { kind: 'outage' } });
    expect(bank.requests(TOKENS)).toBe(3);
    expect(bank.requests(ROUTES.organization)).toBe(0);
  });
});

describe('no error contains a secret', () => {
  const Token = z.looseObject({ token: z.string() });
  const JWT = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;

  /** Collects the tokens that are issued from now on. */
  function collectTokens({ site }: Bank): string[] {
    const tokens: string[] = [];
    const change = (answer: unknown) => {
      tokens.push(Token.parse(answer).token);
      return answer;
    };
    site.fail({ ...failing('/app/', Infinity, 'POST'), outcome: { change } });
    return tokens;
  }

  it.each([
    ['GitHub rejects the token', UNAUTHORIZED],
    ['a proxy is in the way', { status: 401, body: '<html>Sign in</html>' }],
  ] as const)('of a request if %s', async (_, outcome) => {
    const bank = await startBankOfApp();
    const [repository] = await listed(bank);
    if (!repository) throw new Error('The bank has three.');
    const tokens = collectTokens(bank);
    bank.site.fail({ ...failing(hooksPath(repository.repositoryName), Infinity, 'POST'), outcome });
    const github = connect(bank);
    const errors: unknown[] = [];
    github.hook.error('request', (error) => {
      errors.push(error);
      throw error;
    });
    const context = contextBy(bank, github);
    const creation = createWebhook(context, repositoryWebhooks(context, repository.repositoryName));
    await creation.catch((error: unknown) => errors.push(error));
    expect(tokens).toHaveLength(2);
    const text = inspect(errors, { depth: Infinity, showHidden: true });
    expect(text).toContain(hooksPath(repository.repositoryName));
    for (const secret of [...tokens, WEBHOOK_SECRET]) expect(text).not.toContain(secret);
  });

  it.each([
    ['the key is wrong', UNAUTHORIZED],
    ['the answer is truncated', { status: 201, body: '{"token":"ghs_broken_off","expires_at":"20' }],
  ])('of the request for a token if %s', async (_, outcome) => {
    const bank = await startBankOfApp();
    bank.site.fail({ ...failing('/app/', Infinity, 'POST'), outcome });
    const error = await readOrganization(connect(bank)).catch((error: unknown) => error);
    const text = inspect(error, { depth: Infinity, showHidden: true });
    expect(text).toContain('/access_tokens');
    expect(text).not.toContain('ghs_broken_off');
    expect(text).not.toMatch(JWT);
    expect(text).not.toContain('PRIVATE KEY');
  });
});
