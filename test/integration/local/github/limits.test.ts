import type { Octokit } from '@octokit/rest';
import { describe, expect, it } from 'vitest';
import {
  type GitHubOptions,
  PUBLISHED_LIMITS,
  type SimulatedGitHub,
} from '../../../../local/github/simulated-github.ts';
import { type Clock, createClock, HOUR_MS, MINUTE_MS } from '../../../support/clock.ts';
import { holdsEventually } from '../../../support/eventually.ts';
import { connect, findRepositories, ORGANIZATION, start, TOKEN } from './support.ts';

const org = ORGANIZATION;
const ask = (octokit: Octokit) => octokit.rest.orgs.get({ org });

interface Limited {
  github: SimulatedGitHub;
  octokit: Octokit;
  clock: Clock;
}

async function startLimited(
  limits: GitHubOptions['limits'],
  changes: Partial<GitHubOptions> = {},
): Promise<Limited> {
  const clock = createClock();
  return { clock, ...(await start({ limits, now: clock.now, ...changes })) };
}

describe('limits', () => {
  it('leave no trace when they are off', async () => {
    const { octokit } = await start({ limits: 'off' });
    const { headers } = await ask(octokit);
    expect(Object.keys(headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    await expect(octokit.rest.rateLimit.get()).rejects.toMatchObject({
      status: 404,
      response: { data: { message: 'Rate limiting is not enabled.' } },
    });
  });
});

describe('the primary limit', () => {
  it('counts requests, but not 304s and GET /rate_limit', async () => {
    const { octokit } = await start({ limits: PUBLISHED_LIMITS });
    const { headers } = await ask(octokit);
    expect(headers).toMatchObject({
      'x-ratelimit-limit': '5000',
      'x-ratelimit-used': '1',
      'x-ratelimit-remaining': '4999',
      'x-ratelimit-resource': 'core',
    });
    const unchanged = { org, headers: { 'if-none-match': headers.etag ?? '' } };
    await expect(octokit.request('GET /orgs/{org}', unchanged)).rejects.toMatchObject({ status: 304 });
    const { data } = await octokit.rest.rateLimit.get();
    expect(data.resources.core).toMatchObject({ limit: 5000, used: 1, remaining: 4999 });
    expect(data.resources.graphql).toMatchObject({ limit: 5000, used: 0 });
  });

  it('answers 403 with nothing remaining until the hour is over', async () => {
    const { octokit, clock } = await startLimited({ restRequestsPerHour: 1 });
    await ask(octokit);
    const reset = clock.now().getTime() + HOUR_MS;
    await expect(ask(octokit)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('API rate limit exceeded for user ID 1.'),
      response: { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset / 1000) } },
    });
    clock.advance(HOUR_MS);
    expect((await ask(octokit)).status).toBe(200);
  });
});

/** The answer when a secondary limit is exceeded. */
const exceeded = (message: RegExp, seconds = 60) => ({
  message: expect.stringMatching(message),
  response: {
    headers: { 'retry-after': String(seconds) },
    data: {
      documentation_url: expect.stringMatching(
        /^https:\/\/docs\.github\.com\/.*#about-secondary-rate-limits$/,
      ),
    },
  },
});
const TOO_MUCH =
  /^You have exceeded a secondary rate limit\. Please wait a few minutes before you try again\. .* request ID [\dA-F:]+\./;
const NO_CONTENT =
  /^You have exceeded a secondary rate limit and have been temporarily blocked from content creation\./;

describe('the secondary limits of REST', () => {
  it('answer 403 although the primary limit has requests left', async () => {
    const { octokit, clock } = await startLimited({ restPointsPerMinute: 7 });
    await ask(octokit);
    await ask(octokit);
    const repository = { org, name: 'item-9' };
    await octokit.rest.repos.createInOrg(repository);
    const refusal = exceeded(TOO_MUCH);
    await expect(ask(octokit)).rejects.toMatchObject({
      ...refusal,
      status: 403,
      response: {
        ...refusal.response,
        headers: { ...refusal.response.headers, 'x-ratelimit-remaining': '4997' },
      },
    });
    clock.advance(MINUTE_MS);
    await octokit.rest.repos.delete({ owner: org, repo: 'item-9' });
    expect((await ask(octokit)).headers['x-ratelimit-remaining']).toBe('4995');
  });

  it('last longer when the client does not wait', async () => {
    const { octokit, clock } = await startLimited({ restPointsPerMinute: 1 });
    await ask(octokit);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await expect(ask(octokit)).rejects.toMatchObject({ status: 403, ...exceeded(TOO_MUCH) });
      clock.advance(MINUTE_MS - 1);
    }
    clock.advance(1);
    expect((await ask(octokit)).status).toBe(200);
  });

  it('count GET /rate_limit, too', async () => {
    const { octokit } = await startLimited({ restPointsPerMinute: 1 });
    await octokit.rest.rateLimit.get();
    await expect(ask(octokit)).rejects.toMatchObject({ status: 403, ...exceeded(TOO_MUCH) });
  });

  it('refuse content-creating writes, but no other requests', async () => {
    const { octokit, clock, github } = await startLimited({ contentWritesPerMinute: 2 });
    const { unhooked: repo } = await findRepositories(octokit);
    const hooks = { owner: org, repo };
    const create = (path: number) =>
      octokit.rest.repos.createWebhook({ ...hooks, config: { url: `http://127.0.0.1:1/${path}` } });
    const created = await create(1);
    await create(2);
    await expect(create(3)).rejects.toMatchObject({ status: 403, ...exceeded(NO_CONTENT) });
    await octokit.rest.repos.updateWebhook({ ...hooks, hook_id: created.data.id, active: false });
    expect((await octokit.rest.repos.listWebhooks(hooks)).data).toHaveLength(2);
    expect(github.traffic.usage().contentWrites).toBe(2);
    clock.advance(MINUTE_MS);
    const file = { ...hooks, path: 'notes.md', message: 'Note', content: 'SGk=' };
    await octokit.rest.repos.createOrUpdateFileContents(file);
    await create(3);
    await expect(create(4)).rejects.toMatchObject({ status: 403, ...exceeded(NO_CONTENT) });
  });

  it('limit concurrent requests of both APIs together', async () => {
    const { octokit, clock, github } = await startLimited({ requestsInFlight: 2 });
    const held = { times: 1, outcome: { delayMs: Number.POSITIVE_INFINITY } };
    github.fail({ method: 'GET', pathPrefix: '/zen', ...held });
    github.fail({ method: 'POST', pathPrefix: '/graphql', ...held });
    const patience = new AbortController();
    const impatient = connect(github, TOKEN);
    const request = { signal: patience.signal };
    const pending = [
      impatient.request('GET /zen', { request }),
      impatient.graphql('{ viewer { login } }', { request }),
    ];
    const dropped = Promise.allSettled(pending);
    await holdsEventually(() => expect(github.traffic.mostInFlight).toBe(2));
    await expect(ask(octokit)).rejects.toMatchObject({ status: 403, ...exceeded(TOO_MUCH) });
    clock.advance(MINUTE_MS);
    await expect(octokit.graphql('{ viewer { login } }')).rejects.toMatchObject({ status: 403 });
    patience.abort();
    await dropped;
    await holdsEventually(async () => {
      clock.advance(MINUTE_MS);
      expect((await ask(octokit)).status).toBe(200);
    });
  });
});

describe('the limits of GraphQL', () => {
  const QUERY = '{ viewer { login } }';
  const change = (octokit: Octokit, id: string) =>
    octokit.graphql(`mutation { archiveRepository(input: { repositoryId: "${id}" }) { clientMutationId } }`);

  it('count five points for a mutation and one for a query', async () => {
    const { octokit, clock } = await startLimited({ graphqlPointsPerMinute: 6 });
    const { data } = await octokit.rest.repos.listForOrg({ org, per_page: 1 });
    await octokit.graphql(QUERY);
    await change(octokit, data[0]?.node_id ?? '');
    await expect(octokit.graphql(QUERY)).rejects.toMatchObject({ status: 403, ...exceeded(TOO_MUCH) });
    expect((await ask(octokit)).status).toBe(200);
    clock.advance(MINUTE_MS);
    expect(await octokit.graphql(QUERY)).toEqual({ viewer: { login: 'item-bank-operator' } });
  });

  it('refuse content-creating mutations, counted together with the writes of REST', async () => {
    const { octokit } = await startLimited({ contentWritesPerMinute: 1 });
    const { data } = await ask(octokit);
    const input = (name: string) => `{ ownerId: "${data.node_id}", name: "${name}", visibility: PRIVATE }`;
    const create = (name: string) =>
      octokit.graphql(`mutation { createRepository(input: ${input(name)}) { repository { name } } }`);
    expect(await create('item-8')).toEqual({ createRepository: { repository: { name: 'item-8' } } });
    await expect(create('item-9')).rejects.toMatchObject({ status: 403, ...exceeded(NO_CONTENT) });
    await expect(octokit.rest.repos.createInOrg({ org, name: 'item-9' })).rejects.toMatchObject({
      status: 403,
      ...exceeded(NO_CONTENT),
    });
  });

  it('report the cost of a query and what remains', async () => {
    const { octokit, clock } = await startLimited(PUBLISHED_LIMITS);
    const { data } = await octokit.rest.repos.listForOrg({ org });
    const query = `query ($ids: [ID!]!) {
      nodes(ids: $ids) { ... on Repository {
        a: refs(refPrefix: "refs/heads/", first: 9) { nodes { name } }
        b: refs(refPrefix: "refs/tags/", first: 1) { nodes { name } } } }
      rateLimit { cost limit remaining used resetAt nodeCount } }`;
    const ids = Array.from({ length: 100 }, (_, index) => data[index % data.length]?.node_id);
    expect(await octokit.graphql(query, { ids })).toMatchObject({
      rateLimit: {
        cost: 2,
        limit: 5000,
        remaining: 4998,
        used: 2,
        resetAt: new Date(clock.now().getTime() + HOUR_MS).toISOString().replace('.000', ''),
        nodeCount: 1000,
      },
    });
  });

  it.each([{ limits: 'off' as const }, { limits: PUBLISHED_LIMITS }])(
    'refuse a query for more than 500,000 nodes',
    async ({ limits }) => {
      const { octokit } = await startLimited(limits);
      const nodes = (count: number) => `{ organization(login: "${org}") { repositories(first: 100) {
        nodes { refs(refPrefix: "refs/heads/", first: ${count}) { nodes { target { ... on Commit {
          history(first: 100) { nodes { oid } } } } } } } } } }`;
      await expect(octokit.graphql(nodes(50))).rejects.toMatchObject({
        errors: [
          {
            type: 'MAX_NODE_LIMIT_EXCEEDED',
            message:
              'This query requests up to 505,100 possible nodes which exceeds the maximum limit of 500,000.',
          },
        ],
      });
      expect(await octokit.graphql(nodes(49))).toHaveProperty('organization');
    },
  );

  it('abort a query that takes too long, at additional cost', async () => {
    const { octokit } = await startLimited({ graphqlAnswerMs: 5 }, { latencyMs: 20 });
    await expect(octokit.graphql(QUERY)).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining("We couldn't respond to your request in time"),
    });
    expect((await octokit.rest.rateLimit.get()).data.resources.graphql).toMatchObject({ used: 2 });
  });
});
