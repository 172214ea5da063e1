import { describe, expect, it } from 'vitest';
import { type HeadReading, readHeads } from '../../../functions/github/heads.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { type Bank, ORGANIZATION, startBank } from '../../support/bank.ts';
import { answering, commit, contextOf, createEmpty, graphqlFailure, headNode, listed } from './support.ts';

const EMPTY = { repositories: 0, withoutProjectWebhook: 0 };
const REQUEST_ID = expect.stringMatching(/^[0-9A-F:]+$/);

async function headOf(bank: Bank, repository: ListedRepository): Promise<HeadReading | undefined> {
  return (await readHeads(contextOf(bank), [repository])).get(repository.itemBankId);
}

/** Commits one tree entry to the default branch. */
async function commitEntry(
  { github }: Bank,
  { repositoryName: name }: ListedRepository,
  entry: { path: string; mode: '100755' | '120000'; content: string },
): Promise<void> {
  const repository = { owner: ORGANIZATION, repo: name };
  const { data: main } = await github.rest.git.getRef({ ...repository, ref: 'heads/main' });
  const { data: blob } = await github.rest.git.createBlob({ ...repository, content: entry.content });
  const { path, mode } = entry;
  const tree = [{ path, mode, type: 'blob', sha: blob.sha } as const];
  const { data: root } = await github.rest.git.createTree({ ...repository, tree });
  const parents = [main.object.sha];
  const creation = { ...repository, message: 'Add an entry', tree: root.sha, parents };
  const { data: made } = await github.rest.git.createCommit(creation);
  await github.rest.git.updateRef({ ...repository, ref: 'heads/main', sha: made.sha });
}

describe('a repository without an item', () => {
  it('fails as empty before its first commit', async () => {
    const bank = await startBank(EMPTY);
    expect(await headOf(bank, await createEmpty(bank, 'item-1'))).toEqual({
      kind: 'failed',
      repositoryName: 'item-1',
      archived: false,
      failure: { reason: 'REPOSITORY_EMPTY', message: 'the repository has no commit yet' },
    });
  });

  it('fails if no followed branch has item.json', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    await commit(bank, repository, { path: 'README.md' });
    await commit(bank, repository, { path: 'notes.md', branch: 'create_greta' });
    await commit(bank, repository, { branch: 'feature' });
    expect(await headOf(bank, repository)).toEqual({
      kind: 'failed',
      repositoryName: 'item-1',
      archived: false,
      failure: {
        reason: 'ITEM_JSON_MISSING',
        message: 'neither main nor a create_ branch has item.json',
      },
    });
  });

  it.each([
    ['a folder', { path: 'item.json/part.json', mode: '100755' }],
    ['a symbolic link', { path: 'item.json', mode: '120000' }],
  ] as const)('may have %s named item.json', async (_, entry) => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    await commit(bank, repository);
    await commitEntry(bank, repository, { ...entry, content: 'other.json' });
    expect(await headOf(bank, repository)).toMatchObject({
      failure: { reason: 'ITEM_JSON_MISSING' },
    });
  });

  it('may have a submodule named item.json', async () => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const [repository] = await listed(bank);
    if (!repository) throw new Error('The bank has one.');
    const answers = [headNode('item-1', { mode: 0o160000 })];
    bank.site.fail(graphqlFailure(answering({ data: { nodes: answers, creating: answers } }), { times: 2 }));
    expect(await headOf(bank, repository)).toMatchObject({
      failure: { reason: 'ITEM_JSON_MISSING' },
    });
  });

  it('is not one with an executable item.json', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    await commit(bank, repository);
    await commitEntry(bank, repository, { path: 'item.json', mode: '100755', content: '{"id":"7"}' });
    expect(await headOf(bank, repository)).toMatchObject({ head: { blob: { byteSize: 10 } } });
  });
});

describe('an unusual answer about the branches of a repository', () => {
  const target = (changes: object = {}) => ({
    oid: 'c'.repeat(40),
    committedDate: '2026-11-23T09:00:00Z',
    file: { oid: 'b'.repeat(40), mode: 0o100644, size: 2 },
    createFile: null,
    ...changes,
  });
  const creating = (nodes: unknown, changes: object = {}) => ({
    creating: { nodes, pageInfo: { hasNextPage: false }, ...changes },
  });
  const created = (name: string, changes?: object) => ({ name, target: target(changes) });
  const WITHOUT_FILE = { defaultBranchRef: { name: 'main', target: target({ file: null }) } };

  async function readingOf(changes: object) {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const [repository] = await listed(bank);
    if (!repository) throw new Error('The bank has one.');
    const body = { data: { creating: [{ ...headNode('item-1'), ...changes }] } };
    bank.site.fail(graphqlFailure(answering(body)));
    const heads = await readHeads(contextOf(bank), [repository], () => true);
    return heads.get(repository.itemBankId);
  }

  it.each([
    ['creating is null', { creating: null }],
    ['creating is absent', { creating: undefined }],
    ['a branch in creating is null', creating([null])],
    ['the branches in creating are null', creating(null)],
    ['a branch in creating has no name', creating([{ name: null, target: null }])],
    ['creating has no pageInfo', creating([], { pageInfo: null })],
    ['isEmpty is null', { isEmpty: null }],
    ['the head has no time', { defaultBranchRef: { name: 'main', target: target({ committedDate: null }) } }],
    [
      'the year of the head has five digits',
      { defaultBranchRef: { name: 'main', target: target({ committedDate: '10000-01-01T00:00:00Z' }) } },
    ],
  ])('does not fail an item of the default branch: %s', async (_, changes) => {
    expect(await readingOf(changes)).toMatchObject({ kind: 'read', head: { branch: 'main' } });
  });

  it.each([
    ['creating is null', { creating: null }, 'creating: '],
    ['a branch in creating is null', creating([created('create_a'), null]), 'creating.nodes.1: '],
    ['creating has no pageInfo', creating([], { pageInfo: null }), 'creating.pageInfo: '],
    [
      'one of two branches has no time',
      creating([created('create_a'), created('create_b', { committedDate: null })]),
      'creating: no committedDate of the branch create_b',
    ],
  ])('fails an item of another branch, and is named: %s', async (_, changes, fault) => {
    expect(await readingOf({ ...WITHOUT_FILE, ...changes })).toMatchObject({
      kind: 'failed',
      failure: {
        reason: 'GITHUB_ERROR',
        message: expect.stringContaining(`the answer is not what GitHub documents: ${fault}`),
        githubRequestId: REQUEST_ID,
      },
    });
  });

  it('does not fail the only item of other branches if it has no time', async () => {
    const others = [created('create_b', { file: null, committedDate: null }), created('recreate_c')];
    const changes = creating([created('create_a', { committedDate: null }), ...others]);
    expect(await readingOf({ ...WITHOUT_FILE, ...changes })).toMatchObject({
      head: { branch: 'create_a', isBeingCreated: true },
    });
  });
});
