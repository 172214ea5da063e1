import type { Octokit } from '@octokit/rest';
import { describe, expect, it } from 'vitest';
import {
  createItemRepository,
  createStateFolder,
  itemHistory,
  ORGANIZATION,
  putItem,
  start,
} from './support.ts';

const owner = ORGANIZATION;
const content = Buffer.from('{}').toString('base64');

const headOf = async (octokit: Octokit, repo: string, branch = 'main'): Promise<string> =>
  (await octokit.rest.git.getRef({ owner, repo, ref: `heads/${branch}` })).data.object.sha;

describe('a file', () => {
  it('is created, changed and deleted by commits with the given people and dates', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit, { commits: 2 });
    const file = await octokit.rest.repos.getContent({ owner, repo, path: 'item.json' });
    const sha = Array.isArray(file.data) ? '' : file.data.sha;
    const deleted = await octokit.rest.repos.deleteFile({
      ...{ owner, repo, path: 'item.json', message: 'Take it away', sha },
      author: { name: 'A Stranger', email: 'stranger@example.org' },
    });
    expect(deleted.data).toMatchObject({ content: null, commit: { author: { name: 'A Stranger' } } });
    expect(await itemHistory(octokit, repo)).toEqual(['Take it away', 'Edition 2', 'Edition 1']);
    const { data } = await octokit.rest.repos.listCommits({ owner, repo });
    expect(data.map(({ author, commit }) => [author?.login, commit.author?.date])).toEqual([
      [undefined, expect.any(String)],
      ['glindqvist', '2026-01-02T00:00:00Z'],
      ['glindqvist', '2026-01-01T00:00:00Z'],
    ]);
  });

  it.each([
    { body: { message: 'm', content }, status: 422, message: 'Invalid request.\n\n"sha" wasn\'t supplied.' },
    { body: { message: 'm', content, sha: 'other' }, status: 409, message: 'item.json does not match other' },
    { body: { content }, status: 422, message: 'Invalid request.\n\n"message" wasn\'t supplied.' },
    { body: { message: 'm' }, status: 422, message: 'Invalid request.\n\n"content" wasn\'t supplied.' },
    { body: { message: 'm', content: '{}' }, status: 422, message: 'content is not valid Base64' },
    { body: { message: 'm', content, branch: 'no' }, status: 404, message: 'Branch no not found' },
  ])('is not written as $body', async ({ body, status, message }) => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit);
    const before = await headOf(octokit, repo);
    await expect(
      octokit.request('PUT /repos/{owner}/{repo}/contents/item.json', { owner, repo, ...body }),
    ).rejects.toMatchObject({ status, response: { data: { message } } });
    expect(await headOf(octokit, repo)).toBe(before);
  });

  it('can be written by a commit of blobs and trees', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit);
    const parent = await headOf(octokit, repo);
    const { data: blob } = await octokit.rest.git.createBlob({ owner, repo, content: '{"id":"2"}' });
    const { data: tree } = await octokit.rest.git.createTree({
      ...{ owner, repo, base_tree: parent },
      tree: [
        { path: 'asl/video.mp4', mode: '100644', type: 'blob', sha: blob.sha },
        { path: 'notes/a.md', mode: '100644', type: 'blob', content: 'Hello' },
      ],
    });
    expect(tree.tree.map(({ path, type }) => [path, type])).toEqual([
      ['asl', 'tree'],
      ['item.json', 'blob'],
      ['notes', 'tree'],
    ]);
    const author = { name: 'Greta', email: 'g@example.org', date: '2026-03-01T10:00:00+02:00' };
    const { data: commit } = await octokit.rest.git.createCommit({
      ...{ owner, repo, message: 'Add media', tree: tree.sha, parents: [parent], author },
    });
    expect(commit.author).toEqual({ ...author, date: '2026-03-01T08:00:00Z' });
    expect(await headOf(octokit, repo)).toBe(parent);
    await octokit.rest.git.updateRef({ owner, repo, ref: 'heads/main', sha: commit.sha });
    const { data } = await octokit.rest.repos.getContent({ owner, repo, path: 'notes/a.md' });
    expect(data).toMatchObject({ size: 5, content: 'SGVsbG8=\n' });
  });
});

describe('a branch', () => {
  it('can be created, moved, forced and deleted', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit, { commits: 2 });
    const head = await headOf(octokit, repo);
    await octokit.rest.git.createRef({ owner, repo, ref: 'refs/heads/create_greta', sha: head });
    const ahead = await putItem(octokit, { repo, edition: 3, branch: 'create_greta' });
    const move = (sha: string, force = false) =>
      octokit.rest.git.updateRef({ owner, repo, ref: 'heads/create_greta', sha, force });
    await expect(move(head)).rejects.toMatchObject({
      status: 422,
      response: { data: { message: 'Update is not a fast forward' } },
    });
    expect((await move(head, true)).data.object.sha).toBe(head);
    expect((await move(ahead)).data.object.sha).toBe(ahead);
    const { data } = await octokit.rest.git.listMatchingRefs({ owner, repo, ref: 'heads/create_' });
    expect(data.map(({ ref }) => ref)).toEqual(['refs/heads/create_greta']);
    await octokit.rest.git.deleteRef({ owner, repo, ref: 'heads/create_greta' });
    const { data: branches } = await octokit.rest.repos.listBranches({ owner, repo });
    expect(branches.map(({ name }) => name)).toEqual(['main']);
    await expect(
      octokit.rest.git.deleteRef({ owner, repo, ref: 'heads/create_greta' }),
    ).rejects.toMatchObject({
      status: 422,
      response: { data: { message: 'Reference does not exist' } },
    });
  });

  it.each([
    { ref: 'refs/heads/main', message: 'Reference already exists' },
    { ref: 'heads', message: 'heads is not a valid ref name.' },
    { ref: 'refs/heads/a..b', message: 'refs/heads/a..b is not a valid ref name.' },
    { ref: 'refs/heads/new', sha: '0'.repeat(40), message: 'Object does not exist' },
  ])('is not created as $ref: $message', async ({ ref, sha, message }) => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit);
    const creation = octokit.rest.git.createRef({
      owner,
      repo,
      ref,
      sha: sha ?? (await headOf(octokit, repo)),
    });
    await expect(creation).rejects.toMatchObject({ status: 422, response: { data: { message } } });
  });

  it('can be merged, with the same item history as in git', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit, { commits: 2 });
    await octokit.rest.git.createRef({
      owner,
      repo,
      ref: 'refs/heads/side',
      sha: await headOf(octokit, repo),
    });
    await putItem(octokit, { repo, edition: 3, branch: 'side' });
    const notes = { owner, repo, path: 'notes.md', message: 'Add notes', content };
    await octokit.rest.repos.createOrUpdateFileContents(notes);
    const merge = () => octokit.rest.repos.merge({ owner, repo, base: 'main', head: 'side' });
    const merged = await merge();
    expect(merged).toMatchObject({ status: 201, data: { commit: { message: 'Merge side into main' } } });
    expect(merged.data.parents).toHaveLength(2);
    expect(await itemHistory(octokit, repo)).toEqual(['Edition 3', 'Edition 2', 'Edition 1']);
    expect((await merge()).status).toBe(204);

    await putItem(octokit, { repo, edition: 4 });
    await putItem(octokit, { repo, edition: 5, branch: 'side' });
    await expect(merge()).rejects.toMatchObject({
      status: 409,
      response: { data: { message: 'Merge conflict' } },
    });
    await expect(octokit.rest.repos.merge({ owner, repo, base: 'no', head: 'side' })).rejects.toThrow(
      /Base does not exist/,
    );
  });
});

describe('an archived repository', () => {
  it('refuses every write but can be read', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit);
    const sha = await headOf(octokit, repo);
    await octokit.rest.repos.update({ owner, repo, archived: true });
    const writes = [
      () => putItem(octokit, { repo, edition: 2 }),
      () => octokit.rest.git.createRef({ owner, repo, ref: 'refs/heads/x', sha }),
      () => octokit.rest.git.updateRef({ owner, repo, ref: 'heads/main', sha }),
      () => octokit.rest.git.deleteRef({ owner, repo, ref: 'heads/main' }),
      () => octokit.rest.git.createBlob({ owner, repo, content: 'x' }),
      () => octokit.rest.repos.merge({ owner, repo, base: 'main', head: 'main' }),
      () => octokit.rest.repos.update({ owner, repo, name: 'other' }),
    ];
    for (const write of writes) {
      await expect(write()).rejects.toMatchObject({
        status: 403,
        response: { data: { message: 'Repository was archived so is read-only.' } },
      });
    }
    expect(await itemHistory(octokit, repo)).toEqual(['Edition 1']);
  });
});

describe('a push', () => {
  it("changes the repository's pushed_at, and survives a restart", async () => {
    const stateFolder = createStateFolder();
    const now = () => new Date('2026-11-24T10:00:00Z');
    const first = await start({ stateFolder, now });
    const { data: listed } = await first.octokit.rest.repos.listForOrg({
      org: owner,
      per_page: 1,
      sort: 'full_name',
    });
    const seeded = listed[0]?.name ?? '';
    await putItem(first.octokit, { repo: seeded, edition: 1 });
    const repo = await createItemRepository(first.octokit, { commits: 2 });
    const { data } = await first.octokit.rest.repos.get({ owner, repo: seeded });
    expect(data).toMatchObject({ pushed_at: '2026-11-24T10:00:00Z', updated_at: '2026-11-24T10:00:00Z' });
    const readBoth = async (octokit: Octokit) => [
      await itemHistory(octokit, seeded),
      await itemHistory(octokit, repo),
      await headOf(octokit, seeded),
      await headOf(octokit, repo),
    ];
    const before = await readBoth(first.octokit);
    await first.github.close();
    const second = await start({ stateFolder });
    expect(await readBoth(second.octokit)).toEqual(before);
  });
});
