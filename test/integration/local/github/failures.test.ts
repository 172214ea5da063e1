import { describe, expect, it } from 'vitest';
import { PUBLISHED_LIMITS } from '../../../../local/github/simulated-github.ts';
import { holdsEventually } from '../../../support/eventually.ts';
import { connect, findRepositories, ORGANIZATION, PROJECT_WEBHOOK_CONFIG, start, TOKEN } from './support.ts';

const owner = ORGANIZATION;

describe('an injected failure', () => {
  it('applies to the given number of matching requests', async () => {
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

  it('can have its own rate limit headers', async () => {
    const { octokit, github } = await start({
      limits: PUBLISHED_LIMITS,
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

  it('can be limited to some GraphQL queries', async () => {
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

  it('can drop the connection before or after the work', async () => {
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

  it('can delay the answer beyond the timeout of the client', async () => {
    const { github } = await start();
    github.fail({ method: 'GET', pathPrefix: '/zen', outcome: { delayMs: 60_000 } });
    const patience = new AbortController();
    const impatient = connect(github, TOKEN).request('GET /zen', { request: { signal: patience.signal } });
    const seen = holdsEventually(() => expect(github.traffic.requests.get('GET /zen')).toBe(1));
    void seen.then(() => patience.abort());
    await expect(impatient).rejects.toThrow(/abort|timeout/i);
  });
  it('can hold a request forever without doing the work', async () => {
    const { octokit, github } = await start();
    const failure = { method: 'POST', pathPrefix: '/orgs/', outcome: { delayMs: Number.POSITIVE_INFINITY } };
    github.fail(failure);
    const patience = new AbortController();
    const request = { signal: patience.signal };
    const creation = octokit.request('POST /orgs/{org}/repos', { org: owner, name: 'never', request });
    const seen = holdsEventually(() =>
      expect(github.traffic.requests.get('POST /orgs/{org}/repos')).toBeGreaterThan(0),
    );
    void seen.then(() => patience.abort());
    await expect(creation).rejects.toThrow(/abort/i);
    await expect(octokit.rest.repos.get({ owner, repo: 'never' })).rejects.toMatchObject({ status: 404 });
  });

  it('can answer GraphQL with partial data, like GitHub when a query is too expensive', async () => {
    const { octokit, github } = await start();
    const { data: listed } = await octokit.rest.repos.listForOrg({ org: owner, per_page: 2 });
    const error = { type: 'RESOURCE_LIMITS_EXCEEDED', path: ['nodes', 1], message: 'Too much.' };
    const ids = listed.map(({ node_id }) => node_id);
    const nodes = () => octokit.graphql('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
    github.fail({
      method: 'POST',
      pathPrefix: '/graphql',
      bodyIncludes: 'nodes(ids',
      outcome: {
        change: (answer) => {
          expect(answer).toEqual({ data: { nodes: ids.map((id) => ({ id })) } });
          return { data: { nodes: [{ id: ids[0] }, null] }, errors: [error] };
        },
      },
    });
    await expect(nodes()).rejects.toMatchObject({
      data: { nodes: [{ id: ids[0] }, null] },
      errors: [error],
    });
    expect(await nodes()).toEqual({ nodes: ids.map((id) => ({ id })) });
  });

  it('can shift a listing between pages, and return invalid names', async () => {
    const { octokit, github } = await start();
    const before = await octokit.paginate(octokit.rest.repos.listForOrg, { org: owner, per_page: 10 });
    const isListing = (answer: unknown): answer is typeof before => Array.isArray(answer);
    const change = async (answer: unknown): Promise<unknown> => {
      if (!isListing(answer)) throw new Error('It is no listing.');
      await octokit.rest.repos.delete({ owner, repo: answer[0]?.name ?? '' });
      return answer.map((repository, index) =>
        index === 1 ? { ...repository, name: '../../orgs/item-bank' } : repository,
      );
    };
    github.fail({ method: 'GET', pathPrefix: '/orgs/item-bank/repos', outcome: { change } });
    const shifted = await octokit.paginate(octokit.rest.repos.listForOrg, { org: owner, per_page: 10 });
    // The eleventh repository moved to the first page after that page had been read.
    expect(shifted.map(({ id }) => id)).toEqual(
      before.filter((_, index) => index !== 10).map(({ id }) => id),
    );
    expect(shifted[1]?.name).toBe('../../orgs/item-bank');
  });
});
