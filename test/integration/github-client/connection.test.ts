import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { connectToGitHub } from '../../../functions/github/connect.ts';
import { PUBLISHED_LIMITS } from '../../../functions/github/limits.ts';
import { startBank } from '../../support/bank.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { listen } from '../../support/http.ts';
import { createApp } from './support.ts';

/** What Secrets Manager holds. */
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

const CONFIG = { githubOrganization: 'item-bank', githubApiUrl: 'https://github.example.org/api/v3' };
const ALONE = { limits: 'off', workers: 1 } as const;

it('a container keeps its client until the credentials or its share of the limits change', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const config = { ...CONFIG, githubSecretId: 'of-a-token' };
  secrets.set('of-a-token', { githubToken: 'first', webhookSecret: 's' });
  const access = await connectToGitHub(config, ALONE);
  expect(access).toMatchObject({ webhookSecret: 's', github: { isInstallation: false } });
  expect(await access.github.auth()).toMatchObject({ token: 'first' });
  vi.setSystemTime(Date.now() + 2 * MINUTE_MS);
  expect(await connectToGitHub(config, ALONE)).toBe(access);

  const connectWorker = () => connectToGitHub(config, { limits: { ...PUBLISHED_LIMITS }, workers: 10 });
  const shared = await connectWorker();
  expect(shared.github).not.toBe(access.github);
  expect(await connectWorker()).toBe(shared);

  secrets.set('of-a-token', { githubToken: 'second', webhookSecret: 's' });
  vi.setSystemTime(Date.now() + 2 * MINUTE_MS);
  const { github } = await connectWorker();
  expect(await github.auth()).toMatchObject({ token: 'second' });
});

it('an App of the secret shows tokens of its installation in the organization', async () => {
  const { app, installed } = createApp();
  const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0, app: installed });
  const { appId, privateKey } = app;
  secrets.set('of-an-app', { githubApp: { appId, privateKey }, webhookSecret: 's' });
  const config = { ...CONFIG, githubApiUrl: bank.site.url, githubSecretId: 'of-an-app' };
  const { github } = await connectToGitHub(config, ALONE);
  await github.rest.orgs.get({ org: config.githubOrganization });
  expect(github.isInstallation).toBe(true);
  expect(bank.requests('GET /orgs/{org}/installation')).toBe(1);
});
