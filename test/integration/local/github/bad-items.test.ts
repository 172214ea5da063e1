import type { Octokit } from '@octokit/rest';
import { describe, expect, it } from 'vitest';
import { createItemRepository, itemHistory, ORGANIZATION, shaOfItem, start } from './support.ts';

const owner = ORGANIZATION;

/** Creates a repository whose item.json has these bytes. */
async function createItem(octokit: Octokit, bytes: Buffer): Promise<string> {
  const { data } = await octokit.rest.repos.createInOrg({ org: owner, name: 'item-424242', private: true });
  await octokit.rest.repos.createOrUpdateFileContents({
    ...{ owner, repo: data.name, path: 'item.json', message: 'Create item' },
    content: bytes.toString('base64'),
  });
  return data.name;
}

interface ItemObject {
  __typename: string;
  byteSize?: number;
  isBinary?: boolean;
  isTruncated?: boolean;
  text?: string | null;
}

async function itemObject(octokit: Octokit, repo: string): Promise<ItemObject | null> {
  const { repository } = await octokit.graphql<{ repository: { object: ItemObject | null } }>(
    `{ repository(owner: "${owner}", name: "${repo}") { object(expression: "HEAD:item.json") {
      __typename ... on Blob { byteSize isBinary isTruncated text } } } }`,
  );
  return repository.object;
}

/** Reads the complete blob over REST. */
async function blobOf(octokit: Octokit, repo: string): Promise<Buffer> {
  const file_sha = (await shaOfItem(octokit, { repo })) ?? '';
  const { data } = await octokit.rest.git.getBlob({ owner, repo, file_sha });
  return Buffer.from(data.content, 'base64');
}

/** Replaces item.json by the entry, which is possible only with a tree. */
async function replaceItem(
  octokit: Octokit,
  entry: { mode: '120000' | '100644'; path: string; content: string },
) {
  const repo = await createItemRepository(octokit);
  const { data: head } = await octokit.rest.git.getRef({ owner, repo, ref: 'heads/main' });
  const { sha } = head.object;
  const { data: tree } = await octokit.rest.git.createTree({
    ...{ owner, repo, base_tree: sha },
    tree: [
      { path: 'item.json', mode: '100644', type: 'blob', sha: null },
      { ...entry, type: 'blob' },
    ],
  });
  const { data: commit } = await octokit.rest.git.createCommit({
    ...{ owner, repo, message: 'Replace it', tree: tree.sha, parents: [sha] },
  });
  await octokit.rest.git.updateRef({ owner, repo, ref: 'heads/main', sha: commit.sha });
  return repo;
}

describe('an item.json', () => {
  it('of five megabytes has a truncated text and a complete blob', async () => {
    const { octokit } = await start();
    const bytes = Buffer.from(JSON.stringify({ id: '1', text: 'a'.repeat(5_000_000) }));
    const repo = await createItem(octokit, bytes);
    expect(await itemObject(octokit, repo)).toEqual({
      __typename: 'Blob',
      byteSize: bytes.length,
      isBinary: false,
      isTruncated: true,
      text: bytes.toString().slice(0, 512_000),
    });
    expect((await blobOf(octokit, repo)).equals(bytes)).toBe(true);
    const { data } = await octokit.rest.repos.getContent({ owner, repo, path: 'item.json' });
    expect(data).toMatchObject({ size: bytes.length, content: '', encoding: 'none' });
  });

  it.each([
    { bytes: 512_000, isTruncated: false },
    { bytes: 512_001, isTruncated: true },
  ])('of $bytes bytes is truncated: $isTruncated', async ({ bytes, isTruncated }) => {
    const { octokit } = await start();
    const item = await itemObject(octokit, await createItem(octokit, Buffer.alloc(bytes, 'a')));
    expect([item?.isTruncated, item?.text?.length]).toEqual([isTruncated, 512_000]);
  });

  it('that is binary has no text', async () => {
    const { octokit } = await start();
    const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]);
    const repo = await createItem(octokit, bytes);
    expect(await itemObject(octokit, repo)).toMatchObject({ byteSize: 7, isBinary: true, text: null });
    expect(await blobOf(octokit, repo)).toEqual(bytes);
  });

  it('in Latin-1 has a text that differs from its bytes', async () => {
    const { octokit } = await start();
    const bytes = Buffer.from('{"id":"1","name":"Größe"}', 'latin1');
    const repo = await createItem(octokit, bytes);
    const item = await itemObject(octokit, repo);
    expect(item).toMatchObject({ byteSize: bytes.length, isBinary: false, isTruncated: false });
    expect(Buffer.byteLength(item?.text ?? '')).not.toBe(bytes.length);
    expect(await blobOf(octokit, repo)).toEqual(bytes);
  });

  it('that has been deleted is null but has a history', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit);
    const sha = (await shaOfItem(octokit, { repo })) ?? '';
    await octokit.rest.repos.deleteFile({ owner, repo, path: 'item.json', message: 'Take it away', sha });
    expect(await itemObject(octokit, repo)).toBeNull();
    expect(await itemHistory(octokit, repo)).toEqual(['Take it away', 'Edition 1']);
  });

  it('that is a folder is a tree', async () => {
    const { octokit } = await start();
    const entry = { path: 'item.json/part.json', mode: '100644', content: '{}' } as const;
    const repo = await replaceItem(octokit, entry);
    expect(await itemObject(octokit, repo)).toEqual({ __typename: 'Tree' });
    const { data } = await octokit.rest.repos.getContent({ owner, repo, path: 'item.json' });
    expect(data).toMatchObject([{ name: 'part.json', type: 'file' }]);
  });

  it('that is a link has its target as text, and the REST API follows the link', async () => {
    const { octokit } = await start();
    const repo = await replaceItem(octokit, {
      path: 'item.json',
      mode: '120000',
      content: 'versions/2.json',
    });
    expect(await itemObject(octokit, repo)).toMatchObject({ __typename: 'Blob', text: 'versions/2.json' });
    const read = async () => (await octokit.rest.repos.getContent({ owner, repo, path: 'item.json' })).data;
    expect(await read()).toMatchObject({ type: 'symlink', target: 'versions/2.json' });
    await octokit.rest.repos.createOrUpdateFileContents({
      ...{ owner, repo, path: 'versions/2.json', message: 'Add it', content: 'e30=' },
    });
    expect(await read()).toMatchObject({ name: 'item.json', type: 'file', content: 'e30=\n' });
  });

  it('that is a submodule cannot be created', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit);
    const submodule = { path: 'item.json', mode: '160000', type: 'commit', sha: 'a'.repeat(40) } as const;
    await expect(octokit.rest.git.createTree({ owner, repo, tree: [submodule] })).rejects.toThrow(
      /submodules/,
    );
  });
});
