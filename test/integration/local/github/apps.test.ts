import { createPublicKey } from 'node:crypto';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { describe, expect, it } from 'vitest';
import type { GitHubOptions } from '../../../../local/github/simulated-github.ts';
import { createClock, HOUR_MS } from '../../../support/clock.ts';
import { holdsEventually } from '../../../support/eventually.ts';
import { createSigningKey, signToken } from '../../../support/tokens.ts';
import { startReceiver } from './receiver.ts';
import { connect, createItemRepository, ORGANIZATION, type Running, SILENT, start } from './support.ts';

const org = ORGANIZATION;
const key = createSigningKey('RS256');
const publicKey = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }).toString();
const privateKey = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const APP = { id: 271_828, installationId: 31_415, publicKey };

interface AppRunning extends Running {
  clock: ReturnType<typeof createClock>;
  /** Authenticates as the App. */
  app: Octokit;
  createToken: () => Promise<string>;
}

async function startWithApp(changes: Partial<GitHubOptions> = {}): Promise<AppRunning> {
  const clock = createClock();
  const running = await start({ app: APP, now: clock.now, ...changes });
  const seconds = clock.now().getTime() / 1000;
  const jwt = signToken(key, { iss: APP.id, iat: seconds - 60, exp: seconds + 540 });
  const app = connect(running.github, jwt);
  const createToken = async () => {
    const { data } = await app.rest.apps.createInstallationAccessToken({
      installation_id: APP.installationId,
    });
    return data.token;
  };
  return { ...running, clock, app, createToken };
}

const asInstallation = async ({ github, createToken }: AppRunning) => connect(github, await createToken());
const allOf = (octokit: Octokit) => octokit.paginate(octokit.rest.repos.listForOrg, { org });

describe('a GitHub App', () => {
  it('can read its own data and its installation', async () => {
    const { app, github } = await startWithApp();
    const { data } = await app.rest.apps.getAuthenticated();
    expect(data).toMatchObject({ id: APP.id, owner: { login: org }, permissions: { metadata: 'read' } });
    const { data: installation } = await app.rest.apps.getOrgInstallation({ org });
    expect(installation).toMatchObject({
      id: APP.installationId,
      app_id: APP.id,
      account: { login: org, type: 'Organization' },
      target_type: 'Organization',
      repository_selection: 'all',
      access_tokens_url: `${github.url}/app/installations/${APP.installationId}/access_tokens`,
      repositories_url: `${github.url}/installation/repositories`,
    });
    expect((await app.rest.apps.listInstallations()).data).toEqual([installation]);
  });

  it('can create installation tokens that are valid for an hour', async () => {
    const running = await startWithApp();
    const { data, status } = await running.app.rest.apps.createInstallationAccessToken({
      installation_id: APP.installationId,
    });
    expect(status).toBe(201);
    expect(data).toMatchObject({ expires_at: '2026-11-23T10:00:00Z', repository_selection: 'all' });
    const octokit = connect(running.github, data.token);
    expect(await allOf(octokit)).toHaveLength(25);
    running.clock.advance(HOUR_MS - 1);
    expect((await octokit.rest.orgs.get({ org })).headers['x-oauth-scopes']).toBeUndefined();
    running.clock.advance(1);
    await expect(octokit.rest.orgs.get({ org })).rejects.toMatchObject({
      status: 401,
      response: { data: { message: 'Bad credentials' } },
    });
  });

  it.each([
    { as: 'user', route: 'GET /app', status: 401, message: 'A JSON web token could not be decoded' },
    {
      as: 'user',
      route: 'GET /installation/repositories',
      status: 403,
      message: expect.stringContaining('must authenticate with an installation access token'),
    },
    {
      as: 'installation',
      route: 'GET /user',
      status: 403,
      message: 'Resource not accessible by integration',
    },
    { as: 'installation', route: 'GET /app', status: 401, message: 'A JSON web token could not be decoded' },
    { as: 'app', route: 'GET /orgs/item-bank', status: 401, message: 'Bad credentials' },
    { as: 'app', route: 'POST /graphql', status: 401, message: 'Bad credentials' },
    { as: 'app', route: 'GET /orgs/other/installation', status: 404, message: 'Not Found' },
    { as: 'app', route: 'POST /app/installations/1/access_tokens', status: 404, message: 'Not Found' },
  ])('answers $as for $route with $status', async ({ as, route, status, message }) => {
    const running = await startWithApp();
    const installation = await asInstallation(running);
    const clients: Record<string, Octokit> = { user: running.octokit, app: running.app, installation };
    await expect(clients[as]?.request(route)).rejects.toMatchObject({
      status,
      response: { data: { message } },
    });
  });

  it('cannot create restricted tokens', async () => {
    const { app } = await startWithApp();
    const token = { installation_id: APP.installationId, repositories: ['item-1'] };
    await expect(app.rest.apps.createInstallationAccessToken(token)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('does not support tokens restricted by repositories'),
    });
  });

  it("can authenticate with GitHub's client", async () => {
    const { github } = await start({ app: APP });
    const auth = { appId: APP.id, privateKey, installationId: APP.installationId };
    const octokit = new Octokit({ authStrategy: createAppAuth, auth, baseUrl: github.url, log: SILENT });
    expect(await allOf(octokit)).toHaveLength(25);
    expect((await octokit.rest.apps.getAuthenticated()).data).toMatchObject({ id: APP.id });
    expect(github.traffic.requests.get('POST /app/installations/{installation_id}/access_tokens')).toBe(1);
  });

  it('can correct its clock by the date of an answer', async () => {
    const { github } = await start({ app: APP, now: createClock('2031-01-01T00:00:00Z').now });
    const auth = { appId: APP.id, privateKey, installationId: APP.installationId };
    const octokit = new Octokit({ authStrategy: createAppAuth, auth, baseUrl: github.url, log: SILENT });
    const { data, headers } = await octokit.rest.apps.getAuthenticated();
    expect(data).toMatchObject({ id: APP.id });
    expect(headers.date).toBe('Wed, 01 Jan 2031 00:00:00 GMT');
  });
});

describe('the repositories of an installation', () => {
  const listed = (octokit: Octokit) =>
    octokit.paginate(octokit.rest.apps.listReposAccessibleToInstallation, { per_page: 10 });

  it('are all repositories of the organization', async () => {
    const running = await startWithApp();
    const installation = await asInstallation(running);
    const repositories = await listed(installation);
    const all = await allOf(running.octokit);
    expect(repositories.map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    const { data } = await installation.rest.apps.listReposAccessibleToInstallation({ per_page: 1 });
    expect(data).toMatchObject({ total_count: 25, repository_selection: 'all' });
  });

  it('are only the selected ones', async () => {
    const whole = await start();
    const [first, second, hidden] = await allOf(whole.octokit);
    const repositories = [first?.name ?? '', second?.name ?? ''];
    const running = await startWithApp({ app: { ...APP, repositories } });
    const octokit = await asInstallation(running);
    const { data } = await octokit.rest.apps.listReposAccessibleToInstallation();
    expect(data).toMatchObject({ total_count: 2, repository_selection: 'selected' });
    for (const found of [data.repositories, await allOf(octokit)]) {
      expect(found.map(({ name }) => name).toSorted()).toEqual(repositories.toSorted());
    }
    const seen = await octokit.graphql(
      `query ($ids: [ID!]!) { nodes(ids: $ids) { id }
        organization(login: "${org}") { repositories { totalCount } } }`,
      { ids: [first?.node_id] },
    );
    expect(seen).toEqual({
      nodes: [{ id: first?.node_id }],
      organization: { repositories: { totalCount: 2 } },
    });

    const name = hidden?.name ?? '';
    const notFound = { status: 404 };
    await expect(octokit.rest.repos.get({ owner: org, repo: name })).rejects.toMatchObject(notFound);
    await expect(octokit.request(`GET /repositories/${hidden?.id}/hooks`)).rejects.toMatchObject(notFound);
    const unresolved = { errors: [{ type: 'NOT_FOUND' }] };
    for (const query of [
      `{ node(id: "${hidden?.node_id}") { id } }`,
      `{ repository(owner: "${org}", name: "${name}") { id } }`,
      `mutation { archiveRepository(input: { repositoryId: "${hidden?.node_id}" }) { clientMutationId } }`,
    ]) {
      await expect(octokit.graphql(query)).rejects.toMatchObject(unresolved);
    }
  });

  it('do not include transferred ones', async () => {
    const running = await startWithApp();
    const [leaving] = await allOf(running.octokit);
    const repo = leaving?.name ?? '';
    await running.octokit.rest.repos.transfer({ owner: org, repo, new_owner: 'elsewhere' });
    const byId = `GET /repositories/${leaving?.id}`;
    expect((await running.octokit.request(byId)).data.full_name).toBe(`elsewhere/${repo}`);
    const installation = await asInstallation(running);
    await expect(installation.request(byId)).rejects.toMatchObject({ status: 404 });
    const node = `{ node(id: "${leaving?.node_id}") { id } }`;
    await expect(installation.graphql(node)).rejects.toMatchObject({ errors: [{ type: 'NOT_FOUND' }] });
  });
});

describe('the limits of an installation', () => {
  it('are not used up by other callers', async () => {
    const running = await startWithApp({ limits: { restRequestsPerHour: 2, restPointsPerMinute: 6 } });
    const installation = await asInstallation(running);
    const ask = (octokit: Octokit) => octokit.rest.orgs.get({ org });
    await ask(running.octokit);
    await ask(running.octokit);
    await expect(ask(running.octokit)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('API rate limit exceeded for user ID 1.'),
    });
    // 50 more for each of the 5 repositories beyond the first 20.
    expect((await ask(installation)).headers).toMatchObject({
      'x-ratelimit-limit': '252',
      'x-ratelimit-used': '1',
    });
  });
});

describe('the webhook of a GitHub App', () => {
  async function startWithWebhook(changes: Partial<GitHubOptions['app']> = {}) {
    const receiver = await startReceiver();
    const config = { url: receiver.url, content_type: 'json', insecure_ssl: '0', secret: 'first' } as const;
    const webhook = { config, events: ['push', 'repository'] };
    const running = await startWithApp({ deliveries: 'on', app: { ...APP, webhook, ...changes } });
    return { ...running, receiver };
  }

  /** The deliveries, once there are as many. */
  const listed = (app: Octokit, count: number) =>
    holdsEventually(async () => {
      const { data } = await app.rest.apps.listWebhookDeliveries();
      expect(data).toHaveLength(count);
      return data;
    });

  it('can be read and changed, except for its events, which are settings of the App', async () => {
    const { app, octokit } = await startWithWebhook();
    const { data } = await app.rest.apps.getWebhookConfigForApp();
    expect(data).toMatchObject({ content_type: 'json', insecure_ssl: '0', secret: '********' });
    const url = 'https://elsewhere.example/webhook';
    // As `data`, because Octokit takes a parameter named `url` for the URL of the request.
    const changed = await app.request('PATCH /app/hook/config', { data: { url, secret: 'second' } });
    expect(changed.data).toEqual({ ...data, url });
    expect((await app.rest.apps.getWebhookConfigForApp()).data).toEqual({ ...data, url });
    expect((await app.rest.apps.getAuthenticated()).data?.events).toEqual(['push', 'repository']);
    await expect(octokit.rest.apps.getWebhookConfigForApp()).rejects.toMatchObject({ status: 401 });
  });

  it('does not exist unless the App has one', async () => {
    const { app } = await startWithApp();
    await expect(app.rest.apps.getWebhookConfigForApp()).rejects.toMatchObject({ status: 404 });
    await expect(app.rest.apps.listWebhookDeliveries()).rejects.toMatchObject({ status: 404 });
  });

  it('receives the events of all repositories, with the installation', async () => {
    const { app, octokit, receiver } = await startWithWebhook();
    const repo = await createItemRepository(octokit);
    await octokit.rest.repos.delete({ owner: org, repo });
    await holdsEventually(() => expect(receiver.received).toHaveLength(2));
    const events = receiver.received.map(({ event, target, body }) => {
      const { installation, repository } = JSON.parse(body);
      return [event, ...target, installation.id, repository.name].join(' ');
    });
    expect(events.toSorted()).toEqual(
      ['push', 'repository'].map((event) => `${event} integration ${APP.id} ${APP.installationId} ${repo}`),
    );
    const deliveries = await listed(app, 2);
    expect(deliveries.map(({ event, action, installation_id }) => [event, action, installation_id])).toEqual(
      expect.arrayContaining([
        ['repository', 'created', APP.installationId],
        ['push', null, APP.installationId],
      ]),
    );
    const delivery_id = Number(deliveries[0]?.id);
    expect((await app.rest.apps.redeliverWebhookDelivery({ delivery_id })).status).toBe(202);
    await holdsEventually(() => expect(receiver.received).toHaveLength(3));
    expect(receiver.received[2]).toMatchObject({ guid: deliveries[0]?.guid });
  });

  it('receives nothing about repositories that the App is not installed on', async () => {
    const { octokit, receiver } = await startWithWebhook({ repositories: [] });
    await createItemRepository(octokit);
    expect(receiver.received).toEqual([]);
  });

  it('shows deliveries for three days', async () => {
    const { app, github, octokit, clock } = await startWithWebhook();
    await createItemRepository(octokit);
    await listed(app, 2);
    clock.advance(73 * HOUR_MS);
    const seconds = clock.now().getTime() / 1000;
    const jwt = signToken(key, { iss: APP.id, iat: seconds - 60, exp: seconds + 540 });
    expect((await connect(github, jwt).rest.apps.listWebhookDeliveries()).data).toEqual([]);
  });
});
