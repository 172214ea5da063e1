import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { gitHubConnector } from '../../../functions/github/connect.ts';
import { PUBLISHED_LIMITS } from '../../../functions/github/limits.ts';
import { startBank } from '../../support/bank.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { listen } from '../../support/http.ts';
import { createApp } from './support.ts';

/** The content of Secrets Manager. */
const secrets = new Map<string, object>();
const Request = z.object({ SecretId: z.string() });
const secretsManager = createServer(async (request, response) => {
  const { SecretId } = Request.parse(await json(request));
  response
    .setHeader('content-type', 'application/x-amz-json-1.1')
    .end(JSON.stringify({ SecretString: JSON.stringify(secrets.get(SecretId)) }));
});

beforeAll(async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', await listen(secretsManager));
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});
afterAll(() => {
  vi.unstubAllEnvs();
  secretsManager.closeAllConnections();
  secretsManager.close();
});

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
