import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGitHub } from '../../../functions/github/github.ts';
import { listRepositories } from '../../../functions/github/list-repositories.ts';
import { checkVisibility } from '../../../functions/github/visibility.ts';
import { hooksPath, ORGANIZATION, ROUTES } from '../../support/bank.ts';
import { createClock, HOUR_MS, MINUTE_MS } from '../../support/clock.ts';
import {
  APP,
  check,
  connect,
  connectByOrganization,
  contextBy,
  failing,
  INSTALLATION,
  readOrganization,
  startBankOfApp,
  TOKENS,
} from './installation-support.ts';
import { listed } from './support.ts';

describe('an App', () => {
  it('reads the bank with one token of its installation', async () => {
    const bank = await startBankOfApp();
    const context = contextBy(bank, connect(bank));
    const { repositories } = await listRepositories({ ...context, ignored: new Set() });
    const checks = await Promise.all(repositories.map((repository) => check(context, repository)));
    expect(checks.map(({ found }) => found)).toEqual(Array(3).fill('present'));
    expect(bank.requests(TOKENS)).toBe(1);
    expect(bank.requests(INSTALLATION)).toBe(0);
  });

  it('finds its installation by the organization only once', async () => {
    const bank = await startBankOfApp();
    const github = connectByOrganization(bank);
    await Promise.all([1, 2, 3].map(() => readOrganization(github)));
    await readOrganization(github);
    expect(bank.requests(INSTALLATION)).toBe(1);
    expect(bank.requests(TOKENS)).toBe(1);
  });

  it('asks again for its installation if the first answer was an error', async () => {
    const bank = await startBankOfApp();
    const github = connectByOrganization(bank);
    bank.site.fail(failing(`/orgs/${ORGANIZATION}/installation`, 2));
    await expect(readOrganization(github)).rejects.toThrow('GitHub issued no token for the App');
    await readOrganization(github);
    expect(bank.requests(INSTALLATION)).toBe(3);
  });

  it.each([
    ['an installation', `/orgs/${ORGANIZATION}/installation`, 'GET', 401],
    ['an installation', `/orgs/${ORGANIZATION}/installation`, 'GET', 404],
    ['a token', '/app/', 'POST', 401],
    ['a token', '/app/', 'POST', 404],
  ])('asks once more for %s at %s if GitHub answers %s with %i', async (_, path, method, status) => {
    const bank = await startBankOfApp();
    bank.site.fail({ ...failing(path, 1, method), outcome: { status, body: { message: 'No' } } });
    await readOrganization(connectByOrganization(bank));
    expect(bank.requests(INSTALLATION) + bank.requests(TOKENS)).toBe(3);
  });

  it.each([
    ['an empty object', { status: 201, body: {} }],
    ['a list', { status: 200, body: [] }],
    ['a token with a line break', { status: 201, body: { token: 'ghs_1\n' } }],
  ])(
    'asks again, and then reports GitHub as unavailable, if the request for a token is answered with %s',
    async (_, outcome) => {
      const bank = await startBankOfApp();
      bank.site.fail({ ...failing('/app/', 1, 'POST'), outcome });
      await readOrganization(connect(bank));
      expect(bank.requests(ROUTES.organization)).toBe(1);
      bank.site.fail({ ...failing('/app/', Infinity, 'POST'), outcome });
      await expect(readOrganization(connect(bank))).rejects.toMatchObject({ name: 'GitHubUnavailable' });
      expect(bank.requests(ROUTES.organization)).toBe(0);
    },
  );

  it('renews its token before the token expires', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const bank = await startBankOfApp();
    const github = connect(bank);
    for (const elapsed of [0, 58 * MINUTE_MS, 2 * MINUTE_MS, HOUR_MS]) {
      vi.setSystemTime(Date.now() + elapsed);
      await readOrganization(github);
    }
    expect(bank.requests(TOKENS)).toBe(3);
    // It never sent an expired token, which GitHub would reject.
    expect(bank.requests(ROUTES.organization)).toBe(4);
  });
});

describe('a rejected token', () => {
  it('is replaced, and the request is sent once more', async () => {
    const bank = await startBankOfApp();
    const github = connect(bank);
    await readOrganization(github);
    bank.site.fail(failing(`/orgs/${ORGANIZATION}`, 1));
    await readOrganization(github);
    expect(bank.requests(ROUTES.organization)).toBe(3);
    expect(bank.requests(TOKENS)).toBe(2);
  });

  it('is replaced once for all requests that used it', async () => {
    const bank = await startBankOfApp();
    // GitHub has rejected all requests before any is sent again.
    const github = createGitHub({ apiUrl: bank.site.url, app: APP, clock: createClock() });
    await readOrganization(github);
    bank.site.fail(failing(`/orgs/${ORGANIZATION}`, 9));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const reading = Promise.all(Array.from({ length: 9 }, () => readOrganization(github)));
    const { requests } = bank.site.traffic;
    while ((requests.get(ROUTES.organization) ?? 0) < 1 + 9) await setImmediate();
    vi.setTimerTickMode('nextTimerAsync');
    await reading;
    expect(bank.requests(ROUTES.organization)).toBe(1 + 9 + 9);
    expect(bank.requests(TOKENS)).toBe(2);
  });

  it('does not cost the request an attempt', async () => {
    const bank = await startBankOfApp();
    bank.site.fail(failing(`/orgs/${ORGANIZATION}`, 1));
    const fault = { status: 500, body: { message: 'Server Error' } };
    bank.site.fail({ ...failing(`/orgs/${ORGANIZATION}`, 1), outcome: fault });
    await connect(bank).rest.orgs.get({ org: ORGANIZATION, request: { retries: 1 } });
    expect(bank.requests(ROUTES.organization)).toBe(3);
  });

  it('is an error if the next token is rejected too', async () => {
    const bank = await startBankOfApp();
    const [repository] = await listed(bank);
    if (!repository) throw new Error('The bank has three.');
    bank.site.fail(failing(hooksPath(repository.repositoryName), Infinity));
    const context = contextBy(bank, connect(bank));
    await expect(check(context, repository)).rejects.toMatchObject({
      name: 'GitHubCredentialsRejected',
      details: { githubRequestId: expect.any(String) },
    });
    expect(bank.requests(ROUTES.listHooks)).toBe(2);
  });
});

describe('an App', () => {
  it('sees all repositories if it is installed on all of them', async () => {
    const bank = await startBankOfApp();
    expect(await checkVisibility(contextBy(bank, connect(bank)))).toBe('all');
  });

  it('may not see all if it is installed on selected repositories, even if all are selected', async () => {
    // Banks with the same seed are the same.
    const names = (await listed(await startBankOfApp())).map(({ repositoryName: name }) => name);
    const bank = await startBankOfApp(names);
    expect(await checkVisibility(contextBy(bank, connect(bank)))).toBe('unknown');
  });

  it('may not see all if GitHub does not say on which repositories it is installed', async () => {
    const bank = await startBankOfApp();
    bank.site.fail({
      ...failing('/installation/repositories', 1),
      outcome: { status: 200, body: { total_count: 3, repositories: [] } },
    });
    expect(await checkVisibility(contextBy(bank, connect(bank)))).toBe('unknown');
  });
});
