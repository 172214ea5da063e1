import { describe, expect, it } from 'vitest';
import {
  ESTIMATED_QUERY_TIMES,
  type GitHubOptions,
  PUBLISHED_LIMITS,
} from '../../../../local/github/simulated-github.ts';
import { createClock, HOUR_MS, MINUTE_MS } from '../../../support/clock.ts';
import { connect, ORGANIZATION, start } from './support.ts';

const HEADS = `query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Repository { name defaultBranchRef { name target { ... on Commit {
    oid file(path: "item.json") { oid } } } } } } }`;
const NOTHING = '{ viewer { login } }';
const SECOND_MS = 1_000;

/** A simulated GitHub whose queries take time on the clock of the test, and none on this machine. */
async function startSlow(changes: Partial<GitHubOptions> = {}) {
  const clock = createClock();
  const waits: number[] = [];
  const wait = async (ms: number) => {
    waits.push(ms);
    clock.advance(ms);
  };
  const running = await start({
    repositories: 100,
    limits: PUBLISHED_LIMITS,
    queryTimes: ESTIMATED_QUERY_TIMES,
    now: clock.now,
    wait,
    ...changes,
  });
  return { ...running, clock, waits };
}

/** A query that reads nothing takes this long. */
const taking = (baseMs: number): Partial<GitHubOptions> => ({
  repositories: 0,
  withoutProjectWebhook: 0,
  queryTimes: { baseMs, perRepositoryMs: 0, perGitObjectMs: 0 },
});

describe('the time of a query', () => {
  it('is three to six seconds for 100 heads, and less for fewer', async () => {
    const { octokit, waits } = await startSlow({ limits: 'off' });
    const { data } = await octokit.rest.repos.listForOrg({ org: ORGANIZATION, per_page: 100 });
    const ids = data.map(({ node_id }) => node_id);
    await octokit.graphql(HEADS, { ids });
    await octokit.graphql(HEADS, { ids: ids.slice(0, 10) });
    await octokit.graphql(NOTHING);
    const [all = 0, ten = 0, none = 0] = waits;
    expect(all).toBeGreaterThanOrEqual(3 * SECOND_MS);
    expect(all).toBeLessThanOrEqual(6 * SECOND_MS);
    expect(none).toBe(ESTIMATED_QUERY_TIMES.baseMs);
    expect(ten).toBeGreaterThan(none);
    expect(ten).toBeLessThan(all / 4);
  });

  it('is longer for each further git object', async () => {
    const { octokit, waits } = await startSlow({ limits: 'off' });
    const { data } = await octokit.rest.repos.listForOrg({ org: ORGANIZATION, per_page: 100 });
    const ids = data.map(({ node_id }) => node_id);
    const query = (fields: string) =>
      octokit.graphql(`query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { ${fields} } } }`, {
        ids,
      });
    await query('name');
    await query('name refs(refPrefix: "refs/heads/", first: 100) { pageInfo { hasNextPage } }');
    await query('refs(refPrefix: "refs/heads/", first: 100) { nodes { name } }');
    const [none = 0, lists = 0, branches = 0] = waits;
    const { perGitObjectMs } = ESTIMATED_QUERY_TIMES;
    expect(lists - none).toBe(100 * perGitObjectMs);
    expect(branches - lists).toBeGreaterThan(90 * perGitObjectMs);
  });

  it('is none by default', async () => {
    const waits: number[] = [];
    const { octokit, github } = await start({
      limits: PUBLISHED_LIMITS,
      wait: async (ms) => void waits.push(ms),
    });
    await octokit.graphql(NOTHING);
    expect(waits).toEqual([]);
    expect(github.traffic.usage()).toMatchObject({ computingMs: 0 });
  });

  it('counts together with the latency', async () => {
    const { octokit, github } = await startSlow({ ...taking(500), latencyMs: 100 });
    await octokit.graphql(NOTHING);
    expect(github.traffic.usage()).toMatchObject({ computingMs: 600 });
  });
});

describe('a query that would take more than ten seconds', () => {
  it('is aborted after ten, and costs additional points', async () => {
    const { octokit, waits } = await startSlow(taking(10 * SECOND_MS + 1));
    await expect(octokit.graphql(NOTHING)).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining("We couldn't respond to your request in time"),
    });
    expect(waits).toEqual([10 * SECOND_MS]);
    expect((await octokit.rest.rateLimit.get()).data.resources.graphql).toMatchObject({ used: 2 });
  });

  it('is answered in ten seconds, and without limits however long it takes', async () => {
    const inTime = await startSlow(taking(10 * SECOND_MS));
    expect(await inTime.octokit.graphql(NOTHING)).toHaveProperty('viewer');
    const unlimited = await startSlow({ ...taking(20 * SECOND_MS), limits: 'off' });
    expect(await unlimited.octokit.graphql(NOTHING)).toHaveProperty('viewer');
    expect(unlimited.waits).toEqual([20 * SECOND_MS]);
  });
});

describe('queries that take 60 seconds within a minute', () => {
  const limited = {
    status: 403,
    message: expect.stringContaining('You have exceeded a secondary rate limit.'),
    response: { headers: { 'retry-after': '60' } },
  };

  it('are followed by a secondary limit, which REST and other tokens do not notice', async () => {
    // Queries in parallel need less than a minute for it.
    const clock = createClock();
    const otherTokens = [{ token: 'another-token', role: 'admin' as const, scopes: ['repo'] }];
    const { github, octokit } = await start({
      ...taking(6 * SECOND_MS),
      limits: PUBLISHED_LIMITS,
      otherTokens,
      now: clock.now,
      wait: async () => {},
    });
    for (let count = 0; count < 11; count += 1) await octokit.graphql(NOTHING);
    await expect(octokit.graphql(NOTHING)).rejects.toMatchObject(limited);
    expect((await octokit.rest.orgs.get({ org: ORGANIZATION })).status).toBe(200);
    expect(await connect(github, 'another-token').graphql(NOTHING)).toHaveProperty('viewer');
    clock.advance(MINUTE_MS - 1);
    await expect(octokit.graphql(NOTHING)).rejects.toMatchObject(limited);
    clock.advance(MINUTE_MS);
    expect(await octokit.graphql(NOTHING)).toHaveProperty('viewer');
  });

  it('do not exceed the limit if they are sent one after another', async () => {
    const { octokit, clock, github } = await startSlow(taking(5 * SECOND_MS));
    const end = clock.now().getTime() + HOUR_MS / 12;
    while (clock.now().getTime() < end) await octokit.graphql(NOTHING);
    expect(github.traffic.usage()).toMatchObject({ computingMs: 5 * MINUTE_MS, forbidden: 0 });
  });

  it('include those that were aborted', async () => {
    const { octokit } = await startSlow({ ...taking(11 * SECOND_MS), wait: async () => {} });
    for (let count = 0; count < 7; count += 1) {
      await expect(octokit.graphql(NOTHING)).rejects.toMatchObject({ status: 502 });
    }
    await expect(octokit.graphql(NOTHING)).rejects.toMatchObject(limited);
  });
});
