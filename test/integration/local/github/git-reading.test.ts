import { describe, expect, it } from 'vitest';
import { connect, createItemRepository, itemRepositories, ORGANIZATION, start, TOKEN } from './support.ts';

const owner = ORGANIZATION;

describe('the commits of an item', () => {
  it('are listed newest first, with their authors, page by page', async () => {
    const { octokit, github } = await start();
    for (const { name: repo, id } of await itemRepositories(octokit)) {
      const { data } = await octokit.rest.repos.listCommits({ owner, repo, path: 'item.json' });
      const dates = data.map(({ commit }) => commit.committer?.date ?? '');
      expect(dates).toEqual(dates.toSorted().toReversed());
      expect(data.every(({ author, commit }) => author?.login !== undefined && commit.author?.name)).toBe(
        true,
      );
      const pages = await octokit.paginate(octokit.rest.repos.listCommits, {
        ...{ owner, repo, path: 'item.json', per_page: 1 },
      });
      expect(pages).toEqual(data);
      if (data.length < 2) continue;
      const { headers } = await octokit.rest.repos.listCommits({
        owner,
        repo,
        path: 'item.json',
        per_page: 1,
      });
      expect(headers.link).toContain(
        `<${github.url}/repositories/${id}/commits?path=item.json&per_page=1&page=2>; rel="next"`,
      );
    }
  });

  it('can be listed from a commit on, and between dates', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit, { commits: 4 });
    const { data } = await octokit.rest.repos.listCommits({ owner, repo, path: 'item.json' });
    const shas = data.map(({ sha }) => sha);
    const [second, third] = [data[1], data[2]];
    const from = await octokit.rest.repos.listCommits({
      owner,
      repo,
      path: 'item.json',
      sha: second?.sha ?? '',
    });
    expect(from.data.map(({ sha }) => sha)).toEqual(shas.slice(1));
    const dates = {
      since: third?.commit.committer?.date ?? '',
      until: second?.commit.committer?.date ?? '',
    };
    const between = await octokit.rest.repos.listCommits({ owner, repo, path: 'item.json', ...dates });
    expect(between.data.map(({ sha }) => sha)).toEqual(shas.slice(1, 3));
  });

  it('include their changes', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit, { commits: 2 });
    const { data } = await octokit.rest.repos.getCommit({ owner, repo, ref: 'main' });
    expect(data).toMatchObject({
      stats: { additions: 1, deletions: 1, total: 2 },
      files: [
        { filename: 'item.json', status: 'modified', changes: 2, patch: expect.stringContaining('\n+') },
      ],
    });
    const sha = await octokit.rest.repos.getCommit({
      ...{ owner, repo, ref: data.sha.slice(0, 8) },
      mediaType: { format: 'sha' },
    });
    expect(sha.data).toBe(data.sha);
  });

  it.each([
    {
      what: 'an unknown revision',
      path: 'commits/nowhere',
      status: 422,
      message: 'No commit found for SHA: nowhere',
    },
    {
      what: 'a listing of an unknown revision',
      path: 'commits?sha=nowhere',
      status: 404,
      message: 'Not Found',
    },
    { what: 'an unknown file', path: 'contents/nothing.json', status: 404, message: 'Not Found' },
    {
      what: 'a file on an unknown branch',
      path: 'contents/item.json?ref=nowhere',
      status: 404,
      message: 'No commit found for the ref nowhere',
    },
    { what: 'an unknown branch', path: 'branches/nowhere', status: 404, message: 'Branch not found' },
    { what: 'an unknown blob', path: 'git/blobs/0123', status: 404, message: 'Not Found' },
    { what: 'an unknown ref', path: 'git/ref/heads/nowhere', status: 404, message: 'Not Found' },
    {
      what: 'an unsupported resource',
      path: 'commits/main/status',
      status: 404,
      message: 'Not Found: the simulated GitHub does not support commits/main/status',
    },
  ])('are refused for $what', async ({ path, status, message }) => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit);
    await expect(octokit.request(`GET /repos/${owner}/${repo}/${path}`)).rejects.toMatchObject({
      status,
      response: { data: { message, status: String(status), documentation_url: expect.any(String) } },
    });
  });
});

describe('the content of an item', () => {
  it('is the same as a file, as a blob and raw', async () => {
    const { octokit } = await start();
    for (const { name: repo } of (await itemRepositories(octokit)).slice(0, 5)) {
      const file = await octokit.rest.repos.getContent({ owner, repo, path: 'item.json' });
      if (Array.isArray(file.data) || file.data.type !== 'file') throw new Error('It is no file.');
      const { content, sha, size, encoding } = file.data;
      const text = Buffer.from(content, 'base64').toString();
      expect({ encoding, size }).toEqual({ encoding: 'base64', size: Buffer.byteLength(text) });
      expect(JSON.parse(text).id).toBe(repo.replace('item-', ''));
      const blob = await octokit.rest.git.getBlob({ owner, repo, file_sha: sha });
      expect(blob.data).toMatchObject({ sha, size, content });
      const raw = await octokit.rest.repos.getContent({
        ...{ owner, repo, path: 'item.json' },
        mediaType: { format: 'raw+json' },
      });
      expect(raw.data).toBe(text);
      const { data: root } = await octokit.rest.repos.getContent({ owner, repo, path: '' });
      expect(root).toContainEqual(expect.objectContaining({ name: 'item.json', type: 'file', sha }));
      const tree = await octokit.rest.git.getTree({ owner, repo, tree_sha: 'main', recursive: 'true' });
      expect(tree.data.tree).toContainEqual(expect.objectContaining({ path: 'item.json', sha, size }));
    }
  });

  it('is available only raw beyond one megabyte', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit);
    const content = Buffer.alloc(1_100_000, 'a');
    await octokit.rest.repos.createOrUpdateFileContents({
      ...{ owner, repo, path: 'media/long.txt', message: 'Add a long file' },
      content: content.toString('base64'),
    });
    const path = 'media/long.txt';
    const { data } = await octokit.rest.repos.getContent({ owner, repo, path });
    expect(data).toMatchObject({ content: '', encoding: 'none', size: content.length });
    const raw = await octokit.rest.repos.getContent({ owner, repo, path, mediaType: { format: 'raw+json' } });
    expect(String(raw.data)).toBe(content.toString());
    const answer = await octokit.graphql(
      `{ repository(owner: "${owner}", name: "${repo}") {
        object(expression: "HEAD:${path}") { ... on Blob { byteSize isTruncated isBinary } } } }`,
    );
    expect(answer).toEqual({
      repository: { object: { byteSize: content.length, isTruncated: true, isBinary: false } },
    });
  });

  it('has an ETag, also for HEAD, and 304 when unchanged', async () => {
    const { octokit, github } = await start();
    const repo = await createItemRepository(octokit);
    const url = `/repos/${owner}/${repo}/contents/item.json`;
    const { headers } = await octokit.request(`GET ${url}`);
    const head = await octokit.request(`HEAD ${url}`);
    expect(head.headers.etag).toBe(headers.etag);
    const again = (method: string) =>
      fetch(`${github.url}${url}`, {
        method,
        headers: { authorization: `token ${TOKEN}`, 'if-none-match': headers.etag ?? '' },
      }).then(async (answer) => ({ status: answer.status, text: await answer.text() }));
    expect(await again('GET')).toEqual({ status: 304, text: '' });
    expect(await again('HEAD')).toEqual({ status: 304, text: '' });
  });
});

describe('a repository without commits', () => {
  it('is reported as empty by all routes', async () => {
    const { octokit } = await start();
    const { data } = await octokit.rest.repos.createInOrg({ org: owner, name: 'item-1' });
    const repository = { owner, repo: data.name };
    const empty = { status: 409, response: { data: { message: 'Git Repository is empty.' } } };
    await expect(octokit.rest.repos.listCommits(repository)).rejects.toMatchObject(empty);
    await expect(octokit.rest.git.getRef({ ...repository, ref: 'heads/main' })).rejects.toMatchObject(empty);
    await expect(octokit.rest.repos.getContent({ ...repository, path: 'item.json' })).rejects.toMatchObject({
      status: 404,
      response: { data: { message: 'This repository is empty.' } },
    });
    expect((await octokit.rest.repos.listBranches(repository)).data).toEqual([]);
    const answer = await octokit.graphql(
      `{ repository(owner: "${owner}", name: "item-1") {
        isEmpty defaultBranchRef { name } object(expression: "HEAD:item.json") { oid }
        refs(refPrefix: "refs/heads/", first: 1) { totalCount nodes { name } } } }`,
    );
    expect(answer).toEqual({
      repository: { isEmpty: true, defaultBranchRef: null, object: null, refs: { totalCount: 0, nodes: [] } },
    });
  });
});

describe('a listing of the usual bank', () => {
  it('returns all pages and then one item', async () => {
    const { octokit, github } = await start({ repositories: 1811, withoutProjectWebhook: 10 });
    const listed = await connect(github, TOKEN).paginate('GET /orgs/{org}/repos', {
      org: owner,
      per_page: 100,
    });
    expect(listed).toHaveLength(1811);
    const [first, others] = ['GET /orgs/{org}/repos', 'GET /organizations/{organization_id}/repos'];
    expect([first, others].map((route) => github.traffic.requests.get(route ?? ''))).toEqual([1, 18]);
    const [repository] = listed;
    const { data } = await octokit.rest.repos.listCommits({ owner, repo: repository?.name ?? '' });
    expect(data.length).toBeGreaterThan(0);
  });
});
