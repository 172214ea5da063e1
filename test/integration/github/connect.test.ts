import { expect, it, onTestFinished, vi } from 'vitest';
import { gitHubConnector } from '../../../functions/github/connect.ts';
import { PUBLISHED_LIMITS } from '../../../functions/github/limits.ts';
import { startBank } from '../../support/bank.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { useSecretsManager } from '../../support/secrets-manager.ts';
import { createApp } from './support.ts';

const secrets = useSecretsManager();

const CONFIG = {
  githubOrganization: 'item-bank',
  githubApiUrl: 'https://github.example.org/api/v3',
  githubLimits: 'published',
} as const;

it('keeps the client until the credentials or its share of the limits change', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const connect = gitHubConnector({ ...CONFIG, githubSecretId: 'token-secret' });
  secrets.set('token-secret', { githubToken: 'first', webhookSecret: 's' });
  const access = await connect();
  expect(access).toMatchObject({
    webhookSecret: 's',
    github: { isInstallation: false, limits: PUBLISHED_LIMITS },
  });
  expect(await access.github.auth()).toMatchObject({ token: 'first' });
  vi.setSystemTime(Date.now() + 2 * MINUTE_MS);
  expect(await connect()).toBe(access);

  const shared = await connect(10);
  expect(shared.github).not.toBe(access.github);
  expect(await connect(10)).toBe(shared);

  secrets.set('token-secret', { githubToken: 'second', webhookSecret: 's' });
  vi.setSystemTime(Date.now() + 2 * MINUTE_MS);
  const { github } = await connect(10);
  expect(await github.auth()).toMatchObject({ token: 'second' });
});

it('connects as an App whose installation it finds by the organization, without limits if they are off', async () => {
  const { app, installed } = createApp();
  const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0, app: installed });
  const { appId, privateKey } = app;
  secrets.set('app-secret', { githubApp: { appId, privateKey }, webhookSecret: 's' });
  const site = { githubApiUrl: bank.site.url, githubLimits: 'off' } as const;
  const connect = gitHubConnector({ ...CONFIG, ...site, githubSecretId: 'app-secret' });
  const { github } = await connect();
  await github.rest.orgs.get({ org: CONFIG.githubOrganization });
  expect(github.limits).toBe('off');
  expect(github.isInstallation).toBe(true);
  expect(bank.requests('GET /orgs/{org}/installation')).toBe(1);
});
