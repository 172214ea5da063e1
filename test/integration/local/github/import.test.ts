import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Octokit } from '@octokit/rest';
import { describe, expect, it } from 'vitest';
import {
  createStateFolder,
  itemHistory,
  itemRepositories,
  ORGANIZATION,
  PROJECT_WEBHOOK_URL,
  putItem,
  shaOfItem,
  start,
} from './support.ts';

const owner = ORGANIZATION;

/** Undefined deletes the file. */
function writeFiles(folder: string, files: Record<string, string | undefined>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (content === undefined) rmSync(join(folder, path));
    else writeFileSync(join(folder, path), content);
  }
}

function createItemFolder(files: Record<string, string>): string {
  const folder = createStateFolder();
  writeFiles(folder, files);
  return folder;
}

const TWO_ITEMS = { 'item-1/item.json': '{"id":"1"}', 'item-2/item.json': '{"id":"2"}' };

/** An imported bank. Every visit starts it anew. */
function createImportedBank(files: Record<string, string> = TWO_ITEMS) {
  const itemBankFolder = createItemFolder(files);
  const options = { stateFolder: createStateFolder(), itemBankFolder, withoutProjectWebhook: 1 };
  return {
    folder: itemBankFolder,
    async visit<T>(work: (octokit: Octokit) => Promise<T>): Promise<T> {
      const { octokit, github } = await start(options);
      const result = await work(octokit);
      await github.close();
      return result;
    },
  };
}

const namesOf = async (octokit: Octokit): Promise<string[]> =>
  (await itemRepositories(octokit)).map(({ name }) => name).toSorted();

const listing = (octokit: Octokit) =>
  octokit.graphql(`{ organization(login: "${owner}") { repositories(first: 100) {
    nodes { id name pushedAt updatedAt defaultBranchRef { target { oid } } } } } }`);

const textOf = async (octokit: Octokit, repo: string, path = 'item.json'): Promise<unknown> => {
  const file = { owner, repo, path, mediaType: { format: 'raw+json' } };
  return (await octokit.rest.repos.getContent(file)).data;
};

describe('an imported bank', () => {
  it('has a repository for each item, with all its files in one commit', async () => {
    const bank = createImportedBank({
      ...TWO_ITEMS,
      'item-1/asl/video.mp4': 'film',
      'item-1/.git/HEAD': 'ref: refs/heads/main',
      '.hidden/item.json': '{"id":"3"}',
      'notes/readme.md': 'No item',
      'item-3': 'no folder',
    });
    await bank.visit(async (octokit) => {
      const repositories = await itemRepositories(octokit);
      expect(repositories.map(({ name }) => name).toSorted()).toEqual(['item-1', 'item-2']);
      const { data } = await octokit.rest.git.getTree({
        ...{ owner, repo: 'item-1', tree_sha: 'HEAD', recursive: 'true' },
      });
      expect(data.tree.map(({ path }) => path)).toEqual(['asl', 'asl/video.mp4', 'item.json']);
      const hooks = await Promise.all(
        repositories.map(({ name: repo }) => octokit.rest.repos.listWebhooks({ owner, repo })),
      );
      const urls = hooks.flatMap((answer) => answer.data.map(({ config }) => config.url));
      expect(urls).toEqual([PROJECT_WEBHOOK_URL]);
      expect(await itemHistory(octokit, 'item-2')).toEqual(['Import the item']);
    });
  });

  it('does not change when the folder does not', async () => {
    const bank = createImportedBank();
    const before = await bank.visit(listing);
    expect(await bank.visit(listing)).toEqual(before);
  });

  it('gets a commit for an edited item, not older than the previous commit', async () => {
    const bank = createImportedBank();
    await bank.visit(namesOf);
    writeFiles(bank.folder, { 'item-1/item.json': '{"id":"1","edition":2}', 'item-1/notes.md': 'New' });
    for (const file of ['item.json', 'notes.md']) utimesSync(join(bank.folder, 'item-1', file), 1e9, 1e9);
    await bank.visit(async (octokit) => {
      expect(await itemHistory(octokit, 'item-1')).toEqual(['Import the changed item', 'Import the item']);
      const { data } = await octokit.rest.repos.listCommits({ owner, repo: 'item-1' });
      expect(data[0]?.commit.committer?.date).toBe(data[1]?.commit.committer?.date);
      expect(await textOf(octokit, 'item-1')).toBe('{"id":"1","edition":2}');
      expect(await textOf(octokit, 'item-1', 'notes.md')).toBe('New');
      expect(await itemHistory(octokit, 'item-2')).toHaveLength(1);
    });
    await bank.visit(async (octokit) => expect(await itemHistory(octokit, 'item-1')).toHaveLength(2));
  });

  it('gets a commit that deletes item.json when the folder no longer has it', async () => {
    const bank = createImportedBank({ ...TWO_ITEMS, 'item-1/notes.md': 'Old' });
    await bank.visit(namesOf);
    writeFiles(bank.folder, { 'item-1/item.json': undefined });
    await bank.visit(async (octokit) => {
      expect(await shaOfItem(octokit, { repo: 'item-1' })).toBeUndefined();
      expect(await itemHistory(octokit, 'item-1')).toEqual(['Import the changed item', 'Import the item']);
    });
  });

  it('gets a repository for a new folder, and loses that of a removed folder', async () => {
    const bank = createImportedBank();
    const ids = await bank.visit(itemRepositories);
    rmSync(join(bank.folder, 'item-1'), { recursive: true });
    writeFiles(bank.folder, { 'item-3/item.json': '{"id":"3"}' });
    await bank.visit(async (octokit) => {
      expect(await namesOf(octokit)).toEqual(['item-2', 'item-3']);
      expect((await octokit.rest.repos.listWebhooks({ owner, repo: 'item-3' })).data).toEqual([]);
    });
    writeFiles(bank.folder, TWO_ITEMS);
    const again = await bank.visit(itemRepositories);
    expect(again.map(({ name }) => name).toSorted()).toEqual(['item-1', 'item-2', 'item-3']);
    const idOf = (repositories: typeof ids, name: string) =>
      repositories.find((repository) => repository.name === name)?.id;
    expect(idOf(again, 'item-1')).toBeGreaterThan(idOf(ids, 'item-1') ?? 0);
    expect(idOf(again, 'item-2')).toBe(idOf(ids, 'item-2'));
  });

  it('keeps other changes, and follows a renamed repository', async () => {
    const bank = createImportedBank({ ...TWO_ITEMS, 'item-3/item.json': '{"id":"3"}' });
    await bank.visit(async (octokit) => {
      await putItem(octokit, { repo: 'item-1', edition: 7 });
      const notes = { owner, repo: 'item-2', path: 'notes.md', message: 'Add notes', content: 'SGk=' };
      await octokit.rest.repos.createOrUpdateFileContents(notes);
      await octokit.rest.repos.update({ owner, repo: 'item-2', name: 'renamed' });
      await octokit.rest.repos.delete({ owner, repo: 'item-3' });
      await octokit.rest.repos.createInOrg({ org: owner, name: 'theirs', auto_init: true });
    });
    writeFiles(bank.folder, { 'item-2/item.json': '{"id":"2","edition":2}' });
    await bank.visit(async (octokit) => {
      const { data } = await octokit.rest.repos.listForOrg({ org: owner, sort: 'full_name' });
      expect(data.map(({ name }) => name)).toEqual(['item-1', 'renamed', 'theirs']);
      expect(await itemHistory(octokit, 'item-1')).toEqual(['Edition 7', 'Import the item']);
      expect(await textOf(octokit, 'renamed')).toBe('{"id":"2","edition":2}');
      expect(await textOf(octokit, 'renamed', 'notes.md')).toBe('Hi');
    });
  });

  it('gets no commit for a change that is already in the repository', async () => {
    const bank = createImportedBank();
    const text = await bank.visit(async (octokit) => {
      await putItem(octokit, { repo: 'item-1', edition: 7 });
      return String(await textOf(octokit, 'item-1'));
    });
    writeFiles(bank.folder, { 'item-1/item.json': text });
    await bank.visit(async (octokit) => {
      expect(await itemHistory(octokit, 'item-1')).toEqual(['Edition 7', 'Import the item']);
    });
  });
});

describe('an item folder is refused', () => {
  it('if it does not exist or has no items', async () => {
    const attempt = (itemBankFolder: string) => start({ itemBankFolder });
    await expect(attempt('/nowhere/at/all')).rejects.toThrow('The folder /nowhere/at/all does not exist.');
    const folder = createItemFolder({ 'notes/readme.md': '' });
    await expect(attempt(folder)).rejects.toThrow(`No folder in ${folder} has an item.json.`);
  });

  it('if GitHub would refuse names in it, which are all listed', async () => {
    const names = ['item 1', 'item.git', 'ITEM-2', 'item-2'];
    const folder = createItemFolder(Object.fromEntries(names.map((name) => [`${name}/item.json`, '{}'])));
    await expect(start({ itemBankFolder: folder })).rejects.toThrow(
      `GitHub would refuse the names of these folders in ${folder}: "item 1" has characters other than letters, digits, ".", "-" and "_"; "item-2" differs from "ITEM-2" only in case; "item.git" ends in ".git" or ".wiki".`,
    );
  });

  it('if it has the name of a repository created by others, without any change', async () => {
    const bank = createImportedBank();
    await bank.visit((octokit) => octokit.rest.repos.createInOrg({ org: owner, name: 'Item-3' }));
    rmSync(join(bank.folder, 'item-1'), { recursive: true });
    writeFiles(bank.folder, { 'item-3/item.json': '{"id":"3"}' });
    await expect(bank.visit(namesOf)).rejects.toThrow(
      'The bank already has repositories with the names of these folders: "item-3".',
    );
    rmSync(join(bank.folder, 'item-3'), { recursive: true });
    writeFiles(bank.folder, TWO_ITEMS);
    expect(await bank.visit(namesOf)).toEqual(['item-1', 'item-2']);
  });

  it('if all items are gone, without deleting a repository', async () => {
    const bank = createImportedBank();
    await bank.visit(namesOf);
    for (const name of ['item-1', 'item-2']) rmSync(join(bank.folder, name), { recursive: true });
    await expect(bank.visit(namesOf)).rejects.toThrow(`No folder in ${bank.folder} has an item.json.`);
    writeFiles(bank.folder, TWO_ITEMS);
    expect(await bank.visit(namesOf)).toEqual(['item-1', 'item-2']);
  });
});

describe('a refused import', () => {
  it('leaves nothing behind', async () => {
    const stateFolder = createStateFolder();
    const folder = createItemFolder({ ...TWO_ITEMS, 'item 3/item.json': '{}' });
    const options = { stateFolder, itemBankFolder: folder, withoutProjectWebhook: 0 };
    await expect(start(options)).rejects.toThrow(/"item 3"/);
    rmSync(join(folder, 'item 3'), { recursive: true });
    const { octokit } = await start(options);
    expect(await namesOf(octokit)).toEqual(['item-1', 'item-2']);
  });
});

describe('links in the folder', () => {
  it('are not followed, neither to files nor to folders', async () => {
    const elsewhere = createItemFolder({ 'secret.txt': 'secret', 'item.json': '{}' });
    const bank = createImportedBank();
    symlinkSync(elsewhere, join(bank.folder, 'linked-item'));
    symlinkSync(elsewhere, join(bank.folder, 'item-1', 'media'));
    symlinkSync(join(elsewhere, 'secret.txt'), join(bank.folder, 'item-1', 'notes.txt'));
    const paths = await bank.visit(async (octokit) => {
      expect(await namesOf(octokit)).toEqual(['item-1', 'item-2']);
      const { data } = await octokit.rest.git.getTree({
        owner,
        repo: 'item-1',
        tree_sha: 'main',
        recursive: '1',
      });
      return data.tree.map(({ path }) => path);
    });
    expect(paths).toEqual(['item.json']);
  });
});

describe('a folder that is imported again while the server runs', () => {
  it('changes the bank, and leaves it as it was if it cannot be read', async () => {
    const itemBankFolder = createItemFolder(TWO_ITEMS);
    const { octokit, github } = await start({ itemBankFolder, withoutProjectWebhook: 0 });
    writeFiles(itemBankFolder, {
      'item-1/item.json': '{"id":"1","note":"edited"}',
      'item-3/item.json': '{"id":"3"}',
    });
    github.importFolder();
    expect(await namesOf(octokit)).toEqual(['item-1', 'item-2', 'item-3']);
    expect(await textOf(octokit, 'item-1')).toContain('edited');
    rmSync(itemBankFolder, { recursive: true });
    expect(() => github.importFolder()).toThrow(`The folder ${itemBankFolder} does not exist.`);
    expect(await namesOf(octokit)).toHaveLength(3);
    await github.close();
  });
});
