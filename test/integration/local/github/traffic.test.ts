import { describe, expect, it } from 'vitest';
import { ORGANIZATION, start } from './support.ts';

const org = ORGANIZATION;

describe('traffic', () => {
  it('is counted by route, with the highest number of concurrent requests', async () => {
    const { octokit, github } = await start({ latencyMs: 5 });
    const { data } = await octokit.rest.repos.listForOrg({ org, per_page: 20 });
    await Promise.all(data.map(({ name: repo }) => octokit.rest.repos.listWebhooks({ owner: org, repo })));
    await octokit.request('GET /nothing').catch(() => {});
    expect(Object.fromEntries(github.traffic.requests)).toEqual({
      'GET /orgs/{org}/repos': 1,
      'GET /repos/{owner}/{repo}/hooks': 20,
      'unknown route': 1,
    });
    expect(github.traffic.mostInFlight).toBeGreaterThan(1);
    expect(github.traffic.mostInFlight).toBeLessThanOrEqual(20);
  });

  it('is summed up also without limits, and can be reset', async () => {
    const { octokit, github } = await start();
    await octokit.rest.repos.createInOrg({ org, name: 'item-9', private: true });
    await octokit.rest.repos.update({ owner: org, repo: 'item-9', archived: true });
    const write = { owner: org, repo: 'item-9', config: { url: 'http://127.0.0.1:1/' } };
    await expect(octokit.rest.repos.createWebhook(write)).rejects.toMatchObject({ status: 403 });
    const aliases = Array.from(
      { length: 160 },
      (_, index) => `r${index}: organization(login: "${org}") {
      repositories(first: 1) { nodes { id } } }`,
    );
    await octokit.graphql(`{ ${aliases.join(' ')} }`);
    github.fail({ method: 'GET', pathPrefix: '/zen', outcome: { status: 429 } });
    await expect(octokit.request('GET /zen')).rejects.toMatchObject({ status: 429 });
    expect(github.traffic.usage()).toEqual({
      restRequests: 4,
      graphqlPoints: 2,
      computingMs: 0,
      badGateways: 0,
      contentWrites: 2,
      forbidden: 1,
      tooManyRequests: 1,
      limitedQueries: 0,
      mostInFlight: 1,
    });

    github.traffic.reset();
    await octokit.request('GET /zen');
    expect(github.traffic.usage()).toMatchObject({ restRequests: 1, graphqlPoints: 0, forbidden: 0 });
    expect([...github.traffic.requests.keys()]).toEqual(['GET /zen']);
  });

  it('includes a query that a primary limit refuses, but not its points', async () => {
    const { octokit, github } = await start({ limits: { graphqlPointsPerHour: 1 } });
    await octokit.graphql('{ viewer { login } }');
    await expect(octokit.graphql('{ viewer { login } }')).rejects.toMatchObject({
      errors: [{ type: 'RATE_LIMIT', code: 'graphql_rate_limit' }],
    });
    expect(github.traffic.usage()).toMatchObject({ graphqlPoints: 1, limitedQueries: 1, restRequests: 0 });
  });
});
