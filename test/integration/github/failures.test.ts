import { describe, expect, it, vi } from 'vitest';
import { connect, findRepositories, ORGANIZATION, PROJECT_WEBHOOK_CONFIG, start, TOKEN } from './support.ts';

const owner = ORGANIZATION;

describe('an injected failure', () => {
  it('is answered to so many requests and to no others', async () => {
    const { octokit, github } = await start();
    github.fail({
      method: 'GET',
      pathPrefix: '/orgs/item-bank/repos',
      times: 2,
      outcome: { status: 502, body: '<html>Bad Gateway</html>' },
    });
    expect((await octokit.rest.orgs.get({ org: owner })).status).toBe(200);
    const list = () => octokit.rest.repos.listForOrg({ org: owner });
    const failure = {
      status: 502,
      response: {
        data: '<html>Bad Gateway</html>',
        headers: { 'content-type': 'text/html; charset=utf-8' },
      },
    };
    await expect(list()).rejects.toMatchObject(failure);
    await expect(list()).rejects.toMatchObject(failure);
    expect((await list()).status).toBe(200);
  });

  it('says its own limits', async () => {
    const { octokit, github } = await start({
      limits: { restRequestsPerHour: 50, graphqlPointsPerHour: 50 },
    });
    github.fail({
      method: 'GET',
      pathPrefix: '/orgs/',
      outcome: {
        status: 429,
        headers: { 'retry-after': '60', 'x-ratelimit-remaining': '0' },
        body: { message: 'You have exceeded a secondary rate limit.' },
      },
    });
    await expect(octokit.rest.orgs.get({ org: owner })).rejects.toMatchObject({
      status: 429,
      response: {
        headers: { 'retry-after': '60', 'x-ratelimit-remaining': '0' },
        data: { message: 'You have exceeded a secondary rate limit.' },
      },
    });
  });

  it('tells GraphQL queries apart', async () => {
    const { octokit, github } = await start();
    const body = { errors: [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Too much.' }] };
    github.fail({
      method: 'POST',
      pathPrefix: '/graphql',
      bodyIncludes: 'nodes(ids',
      outcome: { status: 200, body },
    });
    expect(await octokit.graphql('{ rateLimit { cost } }')).toEqual({ rateLimit: null });
    await expect(octokit.graphql('{ nodes(ids: []) { id } }')).rejects.toMatchObject(body);
  });

  it('can drop the connection before anything is done, or after', async () => {
    const { octokit, github } = await start();
    const { unhooked: repo } = await findRepositories(octokit);
    const create = () => octokit.rest.repos.createWebhook({ owner, repo, config: PROJECT_WEBHOOK_CONFIG });
    const pathPrefix = `/repos/${owner}/${repo}/hooks`;
    const exists = async () => {
      const { data } = await octokit.rest.repos.listWebhooks({ owner, repo });
      return data.some(({ config }) => config.url === PROJECT_WEBHOOK_CONFIG.url);
    };

    github.fail({ method: 'POST', pathPrefix, outcome: { connection: 'dropped-before-work' } });
    await expect(create()).rejects.toMatchObject({ status: 500 });
    expect(await exists()).toBe(false);

    github.fail({ method: 'POST', pathPrefix, outcome: { connection: 'dropped-after-work' } });
    await expect(create()).rejects.toMatchObject({ status: 500 });
    expect(await exists()).toBe(true);
  });

  it('can delay the answer past the patience of the client', async () => {
    const { github } = await start();
    github.fail({ method: 'GET', pathPrefix: '/zen', outcome: { delayMs: 60_000 } });
    const patience = new AbortController();
    const impatient = connect(github, TOKEN).request('GET /zen', { request: { signal: patience.signal } });
    const seen = vi.waitFor(() => expect(github.traffic.requests.get('GET /zen')).toBe(1));
    void seen.then(() => patience.abort());
    await expect(impatient).rejects.toThrow(/abort|timeout/i);
  });
});

describe('traffic', () => {
  it('is counted by route and by how much of it there is at once', async () => {
    const { octokit, github } = await start({ latencyMs: 5 });
    const { data } = await octokit.rest.repos.listForOrg({ org: owner, per_page: 20 });
    await Promise.all(data.map(({ name: repo }) => octokit.rest.repos.listWebhooks({ owner, repo })));
    await octokit.request('GET /nothing').catch(() => {});
    expect(Object.fromEntries(github.traffic.requests)).toEqual({
      'GET /orgs/{org}/repos': 1,
      'GET /repos/{owner}/{repo}/hooks': 20,
      'unknown route': 1,
    });
    expect(github.traffic.mostInFlight).toBeGreaterThan(1);
    expect(github.traffic.mostInFlight).toBeLessThanOrEqual(20);
  });
});
