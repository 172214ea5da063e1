import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BankChange } from '../../../../local/github/bank/bank.ts';
import { MAX_JOURNAL_BLOB_BYTES } from '../../../../local/github/bank/blob-files.ts';
import { createGitRepository } from '../../../../local/github/bank/git/git-repository.ts';
import { openJournal } from '../../../../local/github/bank/journal.ts';
import { blobOf } from '../../../../local/github/rest/git-request.ts';
import { createItemRepository, createStateFolder, ORGANIZATION, start } from './support.ts';

const owner = ORGANIZATION;
const RAW = { mediaType: { format: 'raw+json' } } as const;
const VIDEO = 'v'.repeat(MAX_JOURNAL_BLOB_BYTES + 1);

/** A bank with one item and its video. */
function createBankWithVideo() {
  const itemBankFolder = createStateFolder();
  const stateFolder = createStateFolder();
  mkdirSync(join(itemBankFolder, 'item-1'));
  writeFileSync(join(itemBankFolder, 'item-1', 'item.json'), '{"id":"1"}');
  const video = join(itemBankFolder, 'item-1', 'asl.mp4');
  writeFileSync(video, VIDEO);
  return { itemBankFolder, stateFolder, video, blobs: join(stateFolder, 'blobs') };
}

const journalOf = (stateFolder: string): string => readFileSync(join(stateFolder, 'journal.jsonl'), 'utf8');
const writtenAt = (folder: string) =>
  readdirSync(folder).map((name) => {
    const { ino, mtimeMs } = statSync(join(folder, name));
    return { name, ino, mtimeMs };
  });

describe('a large file of an imported item', () => {
  it('is stored once, outside the journal, and served after each start', async () => {
    const { blobs, ...bank } = createBankWithVideo();
    const options = { ...bank, withoutProjectWebhook: 0 };
    const { github } = await start(options);
    await github.close();
    expect(journalOf(bank.stateFolder).length).toBeLessThan(MAX_JOURNAL_BLOB_BYTES);
    const [file] = writtenAt(blobs);
    expect(statSync(join(blobs, file?.name ?? '')).mode & 0o777).toBe(0o600);

    const { octokit } = await start(options);
    expect(writtenAt(blobs)).toEqual([file]);
    const place = { owner, repo: 'item-1', path: 'asl.mp4', ...RAW };
    expect((await octokit.rest.repos.getContent(place)).data).toBe(VIDEO);
    const { repository } = await octokit.graphql<{ repository: { video: object } }>(
      `{ repository(owner: "${owner}", name: "item-1") {
        video: object(expression: "HEAD:asl.mp4") { ... on Blob { byteSize isBinary text } } } }`,
    );
    expect(repository.video).toEqual({ byteSize: VIDEO.length, isBinary: false, text: VIDEO });
  });

  it('gets a commit when it changes, and its earlier content is kept', async () => {
    const { video, blobs, ...bank } = createBankWithVideo();
    const options = { ...bank, withoutProjectWebhook: 0 };
    const { github } = await start(options);
    await github.close();
    const changed = 'w'.repeat(VIDEO.length);
    writeFileSync(video, changed);
    const { octokit } = await start(options);
    expect(writtenAt(blobs)).toHaveLength(2);
    const { data: commits } = await octokit.rest.repos.listCommits({ owner, repo: 'item-1' });
    const place = { owner, repo: 'item-1', path: 'asl.mp4', ...RAW };
    const contents = commits.map(
      async ({ sha: ref }) => (await octokit.rest.repos.getContent({ ...place, ref })).data,
    );
    expect(await Promise.all(contents)).toEqual([changed, VIDEO]);
  });

  it.each([
    ['is gone', (file: string) => rmSync(file)],
    ['has lost its end', (file: string) => truncateSync(file, 10)],
  ])('is named when the bank is opened, if its copy %s', async (_what, damage) => {
    const { blobs, ...bank } = createBankWithVideo();
    const options = { ...bank, withoutProjectWebhook: 0 };
    const { github } = await start(options);
    await github.close();
    const file = join(blobs, readdirSync(blobs)[0] ?? '');
    damage(file);
    await expect(start(options)).rejects.toThrow(`${file} is missing or damaged.`);
  });
});

describe('a large file that a client writes', () => {
  it('is stored outside the journal, too', async () => {
    const stateFolder = createStateFolder();
    const { octokit, github } = await start({ stateFolder });
    const repo = await createItemRepository(octokit);
    const content = Buffer.from(VIDEO).toString('base64');
    const place = { owner, repo, path: 'asl.mp4' };
    await octokit.rest.repos.createOrUpdateFileContents({ ...place, message: 'Add the video', content });
    await github.close();
    expect(journalOf(stateFolder)).not.toContain(content);

    const restarted = await start({ stateFolder });
    expect((await restarted.octokit.rest.repos.getContent({ ...place, ...RAW })).data).toBe(VIDEO);
    const { data } = await restarted.octokit.rest.repos.getCommit({ owner, repo, ref: 'main' });
    expect(data.files?.map(({ additions }) => additions)).toEqual([1]);
  });
});

describe("a file that GitHub's API does not return", () => {
  it('is refused by its size, without reading it', () => {
    const git = createGitRepository();
    const oid = git.add({ type: 'stored-blob', oid: 'a'.repeat(40), size: 100 * 1024 * 1024 + 1 });
    expect(() => blobOf(git, oid)).toThrow('This API returns blobs up to 100 MB in size.');
  });
});

describe('a change that does not fit on the disk', () => {
  it('leaves no part of its line, so that later changes can be read', () => {
    const file = join(createStateFolder(), 'journal.jsonl');
    const module = new URL('../../../../local/github/bank/journal.ts', import.meta.url);
    const program = `import { openJournal } from '${module}';
      const journal = openJournal(process.argv[1], () => {});
      const append = (name) => journal.append({ type: 'folder-forgotten', name });
      append('first');
      try { append('x'.repeat(5000)); } catch (error) { console.log(error.code); }
      append('last');`;
    // Limits the size of a file to a few kilobytes.
    const limited = ['-c', 'ulimit -f 4; exec "$@"', 'limited', process.execPath];
    const child = spawnSync('bash', [...limited, '--input-type=module', '--eval', program, file]);
    expect(String(child.stdout)).toBe('EFBIG\n');
    const changes: BankChange[] = [];
    openJournal(file, (change) => changes.push(change)).close();
    expect(changes).toEqual([
      { type: 'folder-forgotten', name: 'first' },
      { type: 'folder-forgotten', name: 'last' },
    ]);
  });
});
