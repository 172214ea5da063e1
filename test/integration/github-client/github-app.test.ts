import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { findRepository, seesAllRepositories } from '../../../functions/github/find-repository.ts';
import { createGitHub, type GitHub } from '../../../functions/github/github.ts';
import { listRepositories } from '../../../functions/github/list-repositories.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { hooksOfRepository } from '../../../functions/webhooks/hook-places.ts';
import { checkWebhook, createWebhook, type WebhookRequest } from '../../../functions/webhooks/webhooks.ts';
import {
  type Bank,
  hooksPath,
  ORGANIZATION,
  PROJECT_WEBHOOK_URL,
  ROUTES,
  startBank,
  WEBHOOK_SECRET,
} from '../../support/bank.ts';
import { createClock, HOUR_MS, MINUTE_MS } from '../../support/clock.ts';
import { createApp, listed, requestTo } from './support.ts';

const TOKENS = 'POST /app/installations/{installation_id}/access_tokens';
const INSTALLATION = 'GET /orgs/{org}/installation';

const { app: APP, installed } = createApp();

/** A bank whose organization has installed the App, on all of its repositories unless some are selected. */
async function startBankOfApp(selected?: readonly string[]): Promise<Bank> {
  const app = { ...installed, ...(selected && { repositories: selected }) };
  return startBank({ repositories: 3, withoutProjectWebhook: 0, app });
}

const connect = ({ site }: Bank, app: Partial<typeof APP> = {}): GitHub =>
  createGitHub({ apiUrl: site.url, app: { ...APP, ...app }, newTokenDelayMs: 0, clock: createClock() });

/** It asks GitHub for its installation. */
function connectByOrganization({ site }: Bank): GitHub {
  const { installationId: _, ...app } = APP;
  return createGitHub({ apiUrl: site.url, app, newTokenDelayMs: 0 });
}

const requestBy = (bank: Bank, github: GitHub) => ({
  ...requestTo(bank),
  github,
  projectWebhookUrl: PROJECT_WEBHOOK_URL,
  webhookSecret: WEBHOOK_SECRET,
});

const lookAt = (request: WebhookRequest, { repositoryName: name }: ListedRepository) =>
  checkWebhook(request, hooksOfRepository(request, name), undefined);

const readOrganization = (github: GitHub) => github.rest.orgs.get({ org: ORGANIZATION });
const UNAUTHORIZED = { status: 401, body: { message: 'Bad credentials' } } as const;
const failing = (pathPrefix: string, times: number, method = 'GET') => ({
  method,
  pathPrefix,
  times,
  outcome: UNAUTHORIZED,
});

describe('an App', () => {
  it('reads the bank by a token of its installation, which it asks for once', async () => {
    const bank = await startBankOfApp();
    const request = requestBy(bank, connect(bank));
    const { repositories } = await listRepositories({ ...request, ignored: new Set() });
    const looks = await Promise.all(repositories.map((repository) => lookAt(request, repository)));
    expect(looks.map(({ found }) => found)).toEqual(Array(3).fill('present'));
    expect(bank.requests(TOKENS)).toBe(1);
    expect(bank.requests(INSTALLATION)).toBe(0);
  });

  it('finds its installation by the organization, once', async () => {
    const bank = await startBankOfApp();
    const github = connectByOrganization(bank);
    await Promise.all([1, 2, 3].map(() => readOrganization(github)));
    await readOrganization(github);
    expect(bank.requests(INSTALLATION)).toBe(1);
    expect(bank.requests(TOKENS)).toBe(1);
  });

  it('finds its installation later when GitHub could not say', async () => {
    const bank = await startBankOfApp();
    const github = connectByOrganization(bank);
    bank.site.fail(failing(`/orgs/${ORGANIZATION}/installation`, 1));
    await expect(readOrganization(github)).rejects.toThrow();
    await readOrganization(github);
    expect(bank.requests(INSTALLATION)).toBe(2);
  });

  it('works for as many hours as are needed', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const bank = await startBankOfApp();
    const github = connect(bank);
    for (const elapsed of [0, 58 * MINUTE_MS, 2 * MINUTE_MS, HOUR_MS]) {
      vi.setSystemTime(Date.now() + elapsed);
      await readOrganization(github);
    }
    expect(bank.requests(TOKENS)).toBe(3);
    // It never showed one that GitHub no longer takes.
    expect(bank.requests(ROUTES.organization)).toBe(4);
  });
});

describe('a token that GitHub no longer takes', () => {
  it('is replaced, and the request made once more', async () => {
    const bank = await startBankOfApp();
    const github = connect(bank);
    await readOrganization(github);
    bank.site.fail(failing(`/orgs/${ORGANIZATION}`, 1));
    await readOrganization(github);
    expect(bank.requests(ROUTES.organization)).toBe(3);
    expect(bank.requests(TOKENS)).toBe(2);
  });

  it('is replaced once for all the requests that showed it', async () => {
    const bank = await startBankOfApp();
    // None is made again before GitHub has refused them all.
    const options = { apiUrl: bank.site.url, app: APP, clock: createClock() };
    const github = createGitHub({ ...options, newTokenDelayMs: 200 });
    await readOrganization(github);
    bank.site.fail(failing(`/orgs/${ORGANIZATION}`, 9));
    await Promise.all(Array.from({ length: 9 }, () => readOrganization(github)));
    expect(bank.requests(ROUTES.organization)).toBe(1 + 9 + 9);
    expect(bank.requests(TOKENS)).toBe(2);
  });

  it('leaves the request as many attempts as it had', async () => {
    const bank = await startBankOfApp();
    bank.site.fail(failing(`/orgs/${ORGANIZATION}`, 1));
    const fault = { status: 500, body: { message: 'Server Error' } };
    bank.site.fail({ ...failing(`/orgs/${ORGANIZATION}`, 1), outcome: fault });
    await connect(bank).rest.orgs.get({ org: ORGANIZATION, request: { retries: 1 } });
    expect(bank.requests(ROUTES.organization)).toBe(3);
  });

  it('and whose successor it does not take either, ends the work', async () => {
    const bank = await startBankOfApp();
    const [repository] = await listed(bank);
    if (!repository) throw new Error('The bank has three.');
    bank.site.fail(failing(hooksPath(repository.repositoryName), Infinity));
    const request = requestBy(bank, connect(bank));
    await expect(lookAt(request, repository)).rejects.toMatchObject({
      name: 'GitHubCredentialsRejected',
      details: { githubRequestId: expect.any(String) },
    });
    expect(bank.requests(ROUTES.listHooks)).toBe(2);
  });
});

describe('an App that GitHub gives no token', () => {
  const REJECTED = { name: 'GitHubCredentialsRejected', details: { githubRequestId: expect.any(String) } };

  it.each([
    ['has another key', { privateKey: createApp().app.privateKey }],
    ['is not known', { appId: 8 }],
    // What would be a repository that is gone, if it were its own answer.
    ['is not installed', { installationId: 71 }],
  ])('says so, whatever it was asked for, when it %s', async (_, app) => {
    const bank = await startBankOfApp();
    const [repository] = await listed(bank);
    if (!repository) throw new Error('The bank has three.');
    const request = requestBy(bank, connect(bank, app));
    await expect(findRepository(request, repository.itemBankId)).rejects.toMatchObject(REJECTED);
    await expect(lookAt(request, repository)).rejects.toMatchObject(REJECTED);
    await expect(seesAllRepositories(request, 3)).rejects.toMatchObject(REJECTED);
    expect(bank.requests(ROUTES.repositoryById)).toBe(0);
  });

  it('waits where GitHub asks for it', async () => {
    const bank = await startBankOfApp();
    bank.site.fail({
      ...failing('/app/', 1, 'POST'),
      outcome: { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } },
    });
    const request = requestBy(bank, connect(bank));
    await expect(seesAllRepositories(request, 3)).rejects.toMatchObject({
      name: 'RateLimited',
      resumeAt: new Date('2026-11-23T09:01:00.000Z'),
    });
  });

  it('has trouble with GitHub, and no other, after three attempts without an answer', async () => {
    const bank = await startBankOfApp();
    bank.site.fail({ ...failing('/app/', 3, 'POST'), outcome: { connection: 'dropped-before-work' } });
    const request = requestBy(bank, connect(bank));
    await expect(seesAllRepositories(request, 3)).rejects.toMatchObject({ name: 'GitHubUnavailable' });
    expect(bank.requests(TOKENS)).toBe(3);
    expect(bank.requests(ROUTES.organization)).toBe(0);
  });
});

describe('an App sees every repository', () => {
  it('when it is installed on all of them, and was announced as many as there are', async () => {
    const bank = await startBankOfApp();
    const request = requestBy(bank, connect(bank));
    expect(await seesAllRepositories(request, 3)).toBe(true);
    expect(await seesAllRepositories(request, 2)).toBe(false);
  });

  it('never when it is installed on those that were selected, be it all of them', async () => {
    // Every bank of a seed is the same.
    const names = (await listed(await startBankOfApp())).map(({ repositoryName: name }) => name);
    const bank = await startBankOfApp(names);
    expect(await seesAllRepositories(requestBy(bank, connect(bank)), 3)).toBe(false);
  });

  it('if GitHub says so in the form that it documents', async () => {
    const bank = await startBankOfApp();
    bank.site.fail({
      ...failing('/installation/repositories', 1),
      outcome: { status: 200, body: { total_count: 3, repositories: [] } },
    });
    await expect(seesAllRepositories(requestBy(bank, connect(bank)), 3)).rejects.toMatchObject({
      name: 'GitHubUnavailable',
      details: { githubRequestId: expect.any(String) },
    });
  });
});

describe('no error holds a secret', () => {
  const Token = z.looseObject({ token: z.string() });
  const JWT = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;

  /** Every token that is given out from now on. */
  function tokensOf({ site }: Bank): string[] {
    const tokens: string[] = [];
    const change = (answer: unknown) => {
      tokens.push(Token.parse(answer).token);
      return answer;
    };
    site.fail({ ...failing('/app/', Infinity, 'POST'), outcome: { change } });
    return tokens;
  }

  it.each([
    ['GitHub does not take the token', UNAUTHORIZED],
    ['a proxy is in the way', { status: 401, body: '<html>Sign in</html>' }],
  ] as const)('about a request, when %s', async (_, outcome) => {
    const bank = await startBankOfApp();
    const [repository] = await listed(bank);
    if (!repository) throw new Error('The bank has three.');
    const tokens = tokensOf(bank);
    bank.site.fail({ ...failing(hooksPath(repository.repositoryName), Infinity, 'POST'), outcome });
    const github = connect(bank);
    const errors: unknown[] = [];
    github.hook.error('request', (error) => {
      errors.push(error);
      throw error;
    });
    const request = requestBy(bank, github);
    const creation = createWebhook(request, hooksOfRepository(request, repository.repositoryName));
    await creation.catch((error: unknown) => errors.push(error));
    expect(tokens).toHaveLength(2);
    const told = inspect(errors, { depth: Infinity, showHidden: true });
    expect(told).toContain(hooksPath(repository.repositoryName));
    for (const secret of [...tokens, WEBHOOK_SECRET]) expect(told).not.toContain(secret);
  });

  it.each([
    ['has another key', UNAUTHORIZED],
    ['has an answer that broke off', { status: 201, body: '{"token":"ghs_broken_off","expires_at":"20' }],
  ])('about the token itself, when it %s', async (_, outcome) => {
    const bank = await startBankOfApp();
    bank.site.fail({ ...failing('/app/', Infinity, 'POST'), outcome });
    const failure = await readOrganization(connect(bank)).catch((error: unknown) => error);
    const told = inspect(failure, { depth: Infinity, showHidden: true });
    expect(told).toContain('/access_tokens');
    expect(told).not.toContain('ghs_broken_off');
    expect(told).not.toMatch(JWT);
    expect(told).not.toContain('PRIVATE KEY');
  });
});
