import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { connect, ORGANIZATION, start, TOKEN } from './support.ts';

describe('the listing of an organization', () => {
  it('contains every repository once, for any page size', async () => {
    const { octokit } = await start();
    const list = (perPage: number) =>
      octokit.paginate(octokit.rest.repos.listForOrg, { org: ORGANIZATION, per_page: perPage });
    const inPages = await list(10);
    expect(new Set(inPages.map(({ id }) => id)).size).toBe(25);
    expect(inPages).toEqual(await list(100));
  });

  it("links its pages by the organization's id, like GitHub", async () => {
    const { octokit, github } = await start();
    const { data: organization } = await octokit.rest.orgs.get({ org: ORGANIZATION });
    const { headers } = await octokit.rest.repos.listForOrg({ org: ORGANIZATION, per_page: 10, page: 2 });
    const page = (number: number) =>
      `<${github.url}/organizations/${organization.id}/repos?per_page=10&page=${number}>`;
    expect(headers.link).toBe(
      `${page(1)}; rel="prev", ${page(3)}; rel="next", ${page(3)}; rel="last", ${page(1)}; rel="first"`,
    );
  });

  it.each([
    { sort: 'full_name', key: 'full_name', ascending: true },
    { sort: 'created', key: 'created_at', ascending: false },
    { sort: 'pushed', key: 'pushed_at', ascending: false },
    { sort: 'updated', key: 'updated_at', ascending: false },
  ] as const)("is sorted by $sort in GitHub's default direction", async ({ sort, key, ascending }) => {
    const { octokit } = await start();
    const { data } = await octokit.rest.repos.listForOrg({ org: ORGANIZATION, sort, per_page: 100 });
    const keys = data.map((repository) => String(repository[key]));
    expect(keys).toEqual(ascending ? keys.toSorted() : keys.toSorted().toReversed());
  });

  it('distinguishes private from public repositories', async () => {
    const { octokit } = await start();
    const count = async (type: 'all' | 'private' | 'public' | 'forks') => {
      const { data } = await octokit.rest.repos.listForOrg({ org: ORGANIZATION, type, per_page: 100 });
      return data.length;
    };
    expect([await count('all'), await count('private'), await count('public'), await count('forks')]).toEqual(
      [25, 25, 0, 0],
    );
  });

  it('is the same for the same seed, and different for another', async () => {
    const digest = async (seed: number): Promise<string> => {
      const { octokit, github } = await start({ seed });
      const listing = await octokit.paginate(octokit.rest.repos.listForOrg, { org: ORGANIZATION });
      return createHash('sha256')
        .update(JSON.stringify(listing).replaceAll(new URL(github.url).host, 'host'))
        .digest('hex');
    };
    expect(await digest(7)).toBe(await digest(7));
    expect(await digest(7)).not.toBe(await digest(8));
  });
});

describe('a repository', () => {
  it('is found by name, ignoring case, and by id', async () => {
    const { octokit } = await start();
    const { data: listed } = await octokit.rest.repos.listForOrg({ org: ORGANIZATION, per_page: 1 });
    const [{ id, name, node_id } = { id: 0, name: '', node_id: '' }] = listed;
    const byName = await octokit.rest.repos.get({ owner: 'ITEM-BANK', repo: name.toUpperCase() });
    const byId = await octokit.request('GET /repositories/{id}', { id });
    expect(byName.data).toMatchObject({
      id,
      name,
      node_id,
      full_name: `${ORGANIZATION}/${name}`,
      private: true,
    });
    expect(byId.data).toEqual(byName.data);
  });

  it.each([
    '/repos/item-bank/nothing',
    '/repos/somebody/item-1',
    '/repositories/1',
    '/repositories/one',
    '/orgs/x',
  ])('that does not exist is 404: %s', async (path) => {
    const { octokit } = await start();
    await expect(octokit.request(`GET ${path}`)).rejects.toMatchObject({
      status: 404,
      response: { data: { message: 'Not Found', status: '404' } },
    });
  });

  it('can be archived and unarchived', async () => {
    const { octokit } = await start();
    const { data } = await octokit.rest.repos.listForOrg({ org: ORGANIZATION, per_page: 1 });
    const repository = { owner: ORGANIZATION, repo: data[0]?.name ?? '' };
    const archived = await octokit.rest.repos.update({ ...repository, archived: true });
    expect(archived.data.archived).toBe(true);
    expect((await octokit.rest.repos.get(repository)).data.archived).toBe(true);
    await octokit.rest.repos.update({ ...repository, archived: false });
    expect((await octokit.rest.repos.get(repository)).data.archived).toBe(false);
    await expect(octokit.rest.repos.update({ ...repository, has_wiki: false })).rejects.toThrow(/has_wiki/);
  });
});

describe('an unchanged answer', () => {
  it('is 304 for a client that sends its ETag', async () => {
    const { octokit, github } = await start();
    const { headers } = await octokit.rest.orgs.get({ org: ORGANIZATION });
    const again = connect(github, TOKEN).request('GET /orgs/{org}', {
      org: ORGANIZATION,
      headers: { 'if-none-match': headers.etag ?? '' },
    });
    await expect(again).rejects.toMatchObject({ status: 304 });
  });
});
