import { describe, expect, it } from 'vitest';
import { type HeadReading, readHeads } from '../../../functions/github/heads.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { type Bank, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import {
  answering,
  commit,
  contextOf,
  createEmpty,
  graphqlFailure,
  headNode,
  knownBankOf,
  listed,
  onDay,
} from './support.ts';

const EMPTY = { repositories: 0, withoutProjectWebhook: 0 };
const REQUEST_ID = expect.stringMatching(/^[0-9A-F:]+$/);

async function headOf(bank: Bank, repository: ListedRepository): Promise<HeadReading | undefined> {
  return (await readHeads(contextOf(bank), [repository])).get(repository.itemBankId);
}

describe('readHeads', () => {
  it('reads the heads of 100 repositories by two queries', async () => {
    const bank = await startBank({ repositories: 100 });
    const repositories = await listed(bank);
    const heads = await readHeads(contextOf(bank), repositories);

    expect(bank.requests(ROUTES.graphql)).toBe(2);
    expect([...heads.keys()]).toEqual(repositories.map(({ itemBankId }) => itemBankId));
    for (const { itemBankId, repositoryName: name } of repositories) {
      const reading = heads.get(itemBankId);
      if (reading?.kind !== 'read') throw new Error(`${name} was not read`);
      const { branch, isBeingCreated, commit: sha, blob } = reading.head;
      const place = { owner: ORGANIZATION, repo: name };
      const { data: ref } = await bank.github.rest.git.getRef({ ...place, ref: `heads/${branch}` });
      const file = await bank.github.rest.repos.getContent({ ...place, path: 'item.json', ref: sha });
      expect(ref.object.sha).toBe(sha);
      expect(file.data).toMatchObject({ sha: blob.oid, size: blob.byteSize });
      expect(isBeingCreated).toBe(branch !== 'main');
    }
    expect(
      new Set([...heads.values()].map((reading) => 'head' in reading && reading.head.isBeingCreated)),
    ).toEqual(new Set([true, false]));
  });

  it('sends two queries for 101 repositories if it is known which items are being created', async (test) => {
    const { bank, readHeadsOf } = await knownBankOf(101, test);
    expect((await readHeadsOf()).size).toBe(101);
    expect(bank.requests(ROUTES.graphql)).toBe(2);
  });

  it('sends no query for an empty list', async () => {
    const bank = await startBank(EMPTY);
    expect(await readHeads(contextOf(bank), [])).toEqual(new Map());
    expect(bank.requests(ROUTES.graphql)).toBe(0);
  });
});

describe('a repository that changed since it was listed', () => {
  const place = ({ repositoryName: name }: ListedRepository) => ({ owner: ORGANIZATION, repo: name });

  it('is read with its new name and as archived', async () => {
    const bank = await startBank({ repositories: 2, withoutProjectWebhook: 0 });
    const [renamed, untouched] = await listed(bank);
    if (!renamed || !untouched) throw new Error('The bank has two.');
    await bank.github.rest.repos.update({ ...place(renamed), name: 'item-renamed' });
    await bank.github.rest.repos.update({ ...place(renamed), repo: 'item-renamed', archived: true });
    const heads = await readHeads(contextOf(bank), [renamed, untouched]);
    expect(heads.get(renamed.itemBankId)).toMatchObject({
      kind: 'read',
      repositoryName: 'item-renamed',
      archived: true,
    });
    expect(heads.get(untouched.itemBankId)).toMatchObject({
      kind: 'read',
      repositoryName: untouched.repositoryName,
      archived: false,
    });
  });

  it.each(['visible', 'hidden'] as const)(
    'is not found if it was deleted or transferred (%s), and the others are read',
    async (transferred) => {
      const bank = await startBank({ repositories: 4, withoutProjectWebhook: 0, transferred });
      const repositories = await listed(bank);
      const [deleted, moved] = repositories;
      if (!deleted || !moved) throw new Error('The bank has four.');
      await bank.github.rest.repos.delete(place(deleted));
      await bank.github.rest.repos.transfer({ ...place(moved), new_owner: 'another-bank' });
      const heads = await readHeads(contextOf(bank), repositories);

      expect([...heads.values()].map((reading) => 'failure' in reading && reading.failure.reason)).toEqual([
        'REPOSITORY_NOT_FOUND',
        'REPOSITORY_NOT_FOUND',
        false,
        false,
      ]);
      expect(heads.get(deleted.itemBankId)).toEqual({
        kind: 'failed',
        failure: {
          reason: 'REPOSITORY_NOT_FOUND',
          message: `POST /graphql: Could not resolve to a node with the global id of '${deleted.nodeId}'`,
          githubRequestId: REQUEST_ID,
        },
      });
      if (transferred === 'hidden') return;
      expect(heads.get(moved.itemBankId)).toMatchObject({
        failure: { message: 'the repository now belongs to another-bank' },
      });
    },
  );
});

describe('the followed branch', () => {
  it('is the default branch if that has item.json, whatever other branches exist', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    const main = await commit(bank, repository, { author: onDay(1), content: '{"id":"1"}' });
    await commit(bank, repository, { author: onDay(2), branch: 'create_greta', content: '{"id":"2"}' });
    expect(await headOf(bank, repository)).toEqual({
      kind: 'read',
      repositoryName: 'item-1',
      archived: false,
      pushedAt: expect.stringMatching(/^20/),
      head: {
        branch: 'main',
        isBeingCreated: false,
        commit: main.commit,
        blob: { oid: main.blob, byteSize: 10 },
      },
    });
  });

  it('is of an item being created if the default branch has a file named create, which takes no further query', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    await commit(bank, repository, { path: 'create', content: '' });
    const made = await commit(bank, repository);
    bank.requests(ROUTES.graphql);
    expect(await headOf(bank, repository)).toMatchObject({
      head: { branch: 'main', isBeingCreated: true, commit: made.commit },
    });
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it('is not of an item being created if create is a folder, or a file of a folder', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    await commit(bank, repository, { path: 'create/notes.md' });
    await commit(bank, repository, { path: 'notes/create' });
    await commit(bank, repository);
    expect(await headOf(bank, repository)).toMatchObject({ head: { isBeingCreated: false } });
  });

  it.each([
    ['is missing', undefined],
    ['is not what GitHub documents', { mode: 'file' }],
  ])('cannot be read if the answer about the file create %s', async (_, createFile) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const [repository] = await listed(bank);
    if (!repository) throw new Error('The bank has one.');
    const { defaultBranchRef, ...node } = headNode('a');
    const target = { ...defaultBranchRef.target, createFile };
    const nodes = [{ ...node, defaultBranchRef: { ...defaultBranchRef, target } }];
    bank.site.fail(graphqlFailure(answering({ data: { nodes } })));
    expect(await headOf(bank, repository)).toMatchObject({
      kind: 'failed',
      failure: { reason: 'GITHUB_ERROR', message: expect.stringContaining('createFile') },
    });
  });

  it('is otherwise the create_ branch with item.json whose head is the newest', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    const put = (branch: string, day: number, path = 'item.json') =>
      commit(bank, repository, { branch, author: onDay(day), path });
    await commit(bank, repository, { path: 'README.md', author: onDay(1) });
    await put('create_anna', 3);
    const newest = await put('create_bela', 4);
    await put('create_carl', 2);
    // These are newer, but do not begin with create_, or have no item.json.
    await put('recreate_dora', 5);
    await put('copy/create_emil', 6);
    await put('create_fritz', 7, 'notes.md');
    expect(await headOf(bank, repository)).toMatchObject({
      head: { branch: 'create_bela', isBeingCreated: true, commit: newest.commit },
    });
  });

  it('is always the same one if several heads were committed in the same second', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    await commit(bank, repository, { path: 'README.md', author: onDay(1) });
    for (const branch of ['create_b', 'create_a', 'create_c']) {
      await commit(bank, repository, { branch, author: onDay(2) });
    }
    expect(await headOf(bank, repository)).toMatchObject({ head: { branch: 'create_a' } });
  });

  it('is unknown if there are more create_ branches than GitHub returns at once', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    const first = await commit(bank, repository, { path: 'README.md' });
    const place = { owner: ORGANIZATION, repo: repository.repositoryName };
    for (let number = 0; number <= 100; number += 1) {
      await bank.github.rest.git.createRef({
        ...place,
        ref: `refs/heads/create_${number}`,
        sha: first.commit,
      });
    }
    expect(await headOf(bank, repository)).toEqual({
      kind: 'failed',
      repositoryName: 'item-1',
      archived: false,
      failure: { reason: 'GITHUB_ERROR', message: 'more than 100 branch names contain create_' },
    });
    await commit(bank, repository);
    expect(await headOf(bank, repository)).toMatchObject({ head: { branch: 'main' } });
  });
});
