import { describe, expect, it } from 'vitest';
import { createItemRepository, createStateFolder, ORGANIZATION, start, TOKEN } from './support.ts';

const owner = ORGANIZATION;

describe('a new repository', () => {
  it('is listed, and starts with a commit if requested', async () => {
    const { octokit } = await start();
    const created = await octokit.rest.repos.createInOrg({
      ...{ org: owner, name: 'item 300000', auto_init: true, private: true, description: 'A new item' },
    });
    expect(created).toMatchObject({
      status: 201,
      headers: { location: created.data.url },
      data: { name: 'item-300000', private: true, description: 'A new item', default_branch: 'main' },
    });
    const listed = await octokit.paginate(octokit.rest.repos.listForOrg, { org: owner });
    expect(listed.map(({ id }) => id)).toContain(created.data.id);
    const { data } = await octokit.rest.repos.listCommits({ owner, repo: created.data.name });
    expect(data.map(({ commit }) => commit.message)).toEqual(['Initial commit']);
    const again = octokit.rest.repos.createInOrg({ org: owner, name: 'Item-300000' });
    await expect(again).rejects.toMatchObject({
      status: 422,
      response: {
        data: { message: 'Repository creation failed.', errors: [{ field: 'name', code: 'custom' }] },
      },
    });
  });

  it('cannot have unsupported settings', async () => {
    const { octokit } = await start();
    const settings = { org: owner, name: 'x', has_issues: true };
    const creation = octokit.rest.repos.createInOrg({ ...settings, has_wiki: false });
    await expect(creation).rejects.toThrow(/has_wiki/);
    expect((await octokit.rest.repos.createInOrg({ ...settings, has_wiki: true })).status).toBe(201);
  });

  it('has the name that GitHub derives from the given one', async () => {
    const { octokit } = await start();
    const { data } = await octokit.rest.repos.createInOrg({ org: owner, name: 'Größe 1.git' });
    expect(data.name).toBe('Gr--e-1');
  });

  it.each(['', '.', '..', 'item.wiki', 'n'.repeat(101)])('cannot be named "%s"', async (name) => {
    const { octokit } = await start();
    await expect(octokit.rest.repos.createInOrg({ org: owner, name })).rejects.toMatchObject({
      status: 422,
      response: { data: { errors: [{ resource: 'Repository', field: 'name' }] } },
    });
  });
});

describe('a renamed repository', () => {
  it('is found under its old name through a redirect', async () => {
    const { octokit, github } = await start();
    const repo = await createItemRepository(octokit);
    const { data } = await octokit.rest.repos.update({ owner, repo, name: 'item-renamed' });
    const headers = { authorization: `token ${TOKEN}` };
    const moved = await fetch(`${github.url}/repos/${owner}/${repo}/commits?path=item.json`, {
      headers,
      redirect: 'manual',
    });
    const location = `${github.url}/repositories/${data.id}/commits?path=item.json`;
    expect({
      status: moved.status,
      location: moved.headers.get('location'),
      body: await moved.json(),
    }).toEqual({
      status: 301,
      location,
      body: { message: 'Moved Permanently', url: location, documentation_url: expect.any(String) },
    });
    const write = await fetch(`${github.url}/repos/${owner}/${repo}/hooks`, {
      ...{ method: 'POST', headers, redirect: 'manual', body: '{}' },
    });
    expect(write.status).toBe(307);
    expect((await octokit.rest.repos.get({ owner, repo })).data.name).toBe('item-renamed');
    const hook = await octokit.rest.repos.createWebhook({
      owner,
      repo,
      config: { url: 'http://127.0.0.1:1/' },
    });
    expect(hook.status).toBe(201);
    const query = (follow: string) =>
      `{ repository(owner: "${owner}", name: "${repo}"${follow}) { nameWithOwner } }`;
    expect(await octokit.graphql(query(''))).toEqual({
      repository: { nameWithOwner: `${owner}/item-renamed` },
    });
    await expect(octokit.graphql(query(', followRenames: false'))).rejects.toThrow(/Could not resolve/);
  });

  it('keeps its old name, also across a restart, until another repository uses it', async () => {
    const stateFolder = createStateFolder();
    const first = await start({ stateFolder });
    const repo = await createItemRepository(first.octokit);
    await first.octokit.rest.repos.update({ owner, repo, name: 'item-renamed' });
    await first.github.close();
    const { octokit } = await start({ stateFolder });
    expect((await octokit.rest.repos.get({ owner, repo })).data.name).toBe('item-renamed');
    const { data } = await octokit.rest.repos.createInOrg({ org: owner, name: repo });
    expect((await octokit.rest.repos.get({ owner, repo })).data.id).toBe(data.id);
  });
});

describe('a deleted repository', () => {
  it('is gone everywhere, and its id is not reused', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit);
    const { data } = await octokit.rest.repos.get({ owner, repo });
    expect((await octokit.rest.repos.delete({ owner, repo })).status).toBe(204);
    await expect(octokit.rest.repos.get({ owner, repo })).rejects.toMatchObject({ status: 404 });
    await expect(octokit.request(`GET /repositories/${data.id}`)).rejects.toMatchObject({ status: 404 });
    await expect(octokit.graphql(`{ node(id: "${data.node_id}") { id } }`)).rejects.toMatchObject({
      errors: [expect.objectContaining({ type: 'NOT_FOUND', path: ['node'] })],
    });
    const { data: next } = await octokit.rest.repos.createInOrg({ org: owner, name: repo });
    expect(next.id).toBeGreaterThan(data.id);
  });
});

describe('a transferred repository', () => {
  const transfer = async (transferred: 'visible' | 'hidden') => {
    const { octokit } = await start({ transferred });
    const repo = await createItemRepository(octokit);
    const answer = await octokit.rest.repos.transfer({ owner, repo, new_owner: 'another-bank' });
    const listed = await octokit.paginate(octokit.rest.repos.listForOrg, { org: owner });
    expect(listed.map(({ id }) => id)).not.toContain(answer.data.id);
    return { octokit, answer };
  };

  it('can be read by id, with its new owner', async () => {
    const { octokit, answer } = await transfer('visible');
    expect(answer).toMatchObject({ status: 202, data: { owner: { login: owner } } });
    const { data } = await octokit.request('GET /repositories/{id}', { id: Number(answer.data.id) });
    expect(data).toMatchObject({
      id: answer.data.id,
      full_name: `another-bank/${answer.data.name}`,
      owner: { login: 'another-bank' },
    });
    expect(
      await octokit.graphql(
        `{ node(id: "${answer.data.node_id}") { ... on Repository {
          nameWithOwner owner { id login } item: object(expression: "HEAD:item.json") { ... on Blob { isBinary } } } } }`,
      ),
    ).toEqual({
      node: {
        nameWithOwner: `another-bank/${answer.data.name}`,
        owner: { id: data.owner.node_id, login: 'another-bank' },
        item: { isBinary: false },
      },
    });
  });

  it('is 404 when the token cannot see the new owner', async () => {
    const { octokit, answer } = await transfer('hidden');
    await expect(octokit.request(`GET /repositories/${answer.data.id}`)).rejects.toMatchObject({
      status: 404,
    });
    await expect(octokit.rest.repos.get({ owner, repo: answer.data.name })).rejects.toMatchObject({
      status: 404,
    });
  });
});
