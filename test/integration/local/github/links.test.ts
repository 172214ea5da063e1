import { describe, expect, it } from 'vitest';
import { findRepositories, ORGANIZATION, start } from './support.ts';

const owner = ORGANIZATION;

/** Identifies an object of any type. */
const IDENTITIES = ['id', 'sha', 'ref', 'path', 'login'];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** All objects in the answer that have a URL. */
function located(answer: unknown): { url: string; object: Record<string, unknown> }[] {
  if (!isObject(answer)) return [];
  const inner = Object.values(answer).flatMap(located);
  const { url } = answer;
  return typeof url === 'string' && url.startsWith('http') ? [{ url, object: answer }, ...inner] : inner;
}

describe('the URLs of an answer', () => {
  it('lead to the objects that contain them', async () => {
    const { octokit } = await start();
    const { hooked: repo } = await findRepositories(octokit);
    const place = { owner, repo };
    const { data: branch } = await octokit.rest.repos.getBranch({ ...place, branch: 'main' });
    const answers = await Promise.all([
      octokit.rest.orgs.get({ org: owner }),
      octokit.rest.repos.listForOrg({ org: owner, per_page: 2 }),
      octokit.rest.repos.get(place),
      octokit.rest.repos.listCommits(place),
      octokit.rest.repos.getCommit({ ...place, ref: 'main' }),
      octokit.rest.repos.listBranches(place),
      octokit.rest.repos.getContent({ ...place, path: '' }),
      octokit.rest.git.getRef({ ...place, ref: 'heads/main' }),
      octokit.rest.git.getTree({ ...place, tree_sha: branch.commit.commit.tree.sha }),
      octokit.rest.git.getCommit({ ...place, commit_sha: branch.commit.sha }),
    ]);
    const found = new Map(
      answers.flatMap(({ data }) => located(data)).map(({ url, object }) => [url, object]),
    );
    expect(found.size).toBeGreaterThan(20);
    for (const [url, object] of found) {
      const { data } = await octokit.request(`GET ${url}`);
      const shared = IDENTITIES.filter((name) => isObject(data) && name in object && name in data);
      const identify = (from: Record<string, unknown>) => shared.map((name) => from[name]);
      expect({ url, is: identify(data) }).toEqual({ url, is: identify(object) });
    }
  });

  it('lead to hooks, their deliveries and their pings', async () => {
    const { octokit } = await start();
    const { hooked: repo } = await findRepositories(octokit);
    const { data } = await octokit.rest.repos.listWebhooks({ owner, repo });
    for (const hook of data) {
      expect((await octokit.request(`GET ${hook.url}`)).data).toEqual(hook);
      expect((await octokit.request(`GET ${hook.deliveries_url}`)).data).toEqual([]);
      expect((await octokit.request(`POST ${hook.ping_url}`)).status).toBe(204);
      expect((await octokit.request(`POST ${hook.test_url}`)).status).toBe(204);
    }
  });
});
