import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createStateFolder, itemRepositories, ORGANIZATION, PROJECT_WEBHOOK_URL, start } from './support.ts';

const owner = ORGANIZATION;

function createItemFolder(files: Record<string, string>): string {
  const folder = createStateFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

describe('a bank from a folder', () => {
  it('has a repository for each item, with all its files in one commit, and is kept without the folder', async () => {
    const itemBankFolder = createItemFolder({
      'item-1/item.json': '{"id":"1"}',
      'item-1/asl/video.mp4': 'film',
      'item-1/.git/HEAD': 'ref: refs/heads/main',
      'item-2/item.json': '{"id":"2"}',
      'notes/readme.md': 'No item',
      'item-3': 'no folder',
    });
    const stateFolder = createStateFolder();
    const options = { stateFolder, itemBankFolder, withoutProjectWebhook: 1 };
    const first = await start(options);
    const { data: tree } = await first.octokit.rest.git.getTree({
      ...{ owner, repo: 'item-1', tree_sha: 'HEAD', recursive: 'true' },
    });
    expect(tree.tree.map(({ path }) => path)).toEqual(['asl', 'asl/video.mp4', 'item.json']);
    await first.github.close();
    rmSync(itemBankFolder, { recursive: true });

    const { octokit } = await start(options);
    const repositories = await itemRepositories(octokit);
    expect(repositories.map(({ name }) => name).toSorted()).toEqual(['item-1', 'item-2']);
    const hooks = await Promise.all(
      repositories.map(({ name: repo }) => octokit.rest.repos.listWebhooks({ owner, repo })),
    );
    expect(hooks.flatMap(({ data }) => data.map(({ config }) => config.url))).toEqual([PROJECT_WEBHOOK_URL]);
    const { data } = await octokit.rest.repos.listCommits({ owner, repo: 'item-2' });
    expect(data.map(({ commit }) => commit.message)).toEqual(['Import the item']);
  });

  it('is refused when the folder holds no item', async () => {
    const attempt = start({ itemBankFolder: createItemFolder({ 'notes/readme.md': '' }) });
    await expect(attempt).rejects.toThrow(/holds an item\.json/);
  });
});
