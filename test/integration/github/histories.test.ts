import { describe, expect, it } from 'vitest';
import { readHistories } from '../../../functions/github/histories.ts';
import { ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { atHeads, historyOf, shasOf } from './history-support.ts';
import {
  answering,
  commit,
  contextOf,
  createEmpty,
  graphqlFailure,
  listed,
  onDay,
  pageOf,
  TOO_MUCH,
} from './support.ts';

const EMPTY = { repositories: 0, withoutProjectWebhook: 0 };

describe('readHistories', () => {
  it('reads complete histories, the oldest commit first, 25 histories per query at first', async () => {
    const bank = await startBank({ repositories: 26, withoutProjectWebhook: 0 });
    const wanted = await atHeads(bank, await listed(bank));
    const histories = await readHistories(contextOf(bank), wanted);

    expect(bank.requests(ROUTES.graphql)).toBe(2);
    for (const { itemBankId, repositoryName: name, commit: sha } of wanted) {
      const { data } = await bank.github.rest.repos.listCommits({
        owner: ORGANIZATION,
        repo: name,
        path: 'item.json',
        sha,
      });
      const reading = histories.get(itemBankId);
      if (reading?.kind !== 'read') throw new Error(`${name} was not read`);
      expect(reading.commits.map(({ blob: _, ...commit }) => commit)).toEqual(
        data.toReversed().map(({ sha, author, commit: git }) => ({
          sha,
          committedAt: new Date(git.committer?.date ?? '').toISOString(),
          authoredAt: new Date(git.author?.date ?? '').toISOString(),
          author: git.author?.name,
          authorLogin: author?.login,
        })),
      );
      expect(reading.commits.every(({ blob }) => blob && blob.byteSize > 0)).toBe(true);
    }
  });

  it('reads more histories per query after GitHub has answered quickly', async () => {
    const bank = await startBank({ repositories: 31, withoutProjectWebhook: 0 });
    const wanted = await atHeads(bank, await listed(bank));
    await readHistories(contextOf(bank), wanted.slice(0, 25));
    bank.requests(ROUTES.graphql);
    expect((await readHistories(contextOf(bank), wanted)).size).toBe(31);
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });

  it('sends no query for an empty list', async () => {
    const bank = await startBank(EMPTY);
    expect(await readHistories(contextOf(bank), [])).toEqual(new Map());
    expect(bank.requests(ROUTES.graphql)).toBe(0);
  });

  it('halves a query that GitHub cannot answer', async () => {
    const bank = await startBank({ repositories: 20, withoutProjectWebhook: 0 });
    const wanted = await atHeads(bank, await listed(bank));
    bank.site.fail(graphqlFailure(TOO_MUCH));
    const histories = await readHistories(contextOf(bank), wanted);
    expect(bank.requests(ROUTES.graphql)).toBe(3);
    expect([...histories.values()].map(({ kind }) => kind)).toEqual(Array(20).fill('read'));
  });
});

describe('a commit', () => {
  it('has the name of its author in git, and the login if there is an account', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    const known = await commit(bank, repository, { content: '{"id":"1"}', author: onDay(1) });
    const stranger = { name: 'A Stranger', email: 'stranger@example.org', date: '2026-01-02T01:00:00+02:00' };
    const unknown = await commit(bank, repository, { content: '{"id":"22"}', author: stranger });
    expect(await historyOf(bank, { ...repository, commit: unknown.commit })).toEqual({
      kind: 'read',
      commits: [
        {
          sha: known.commit,
          committedAt: '2026-01-01T00:00:00.000Z',
          authoredAt: '2026-01-01T00:00:00.000Z',
          author: 'Greta Lindqvist',
          authorLogin: 'glindqvist',
          blob: { oid: known.blob, byteSize: 10 },
        },
        {
          sha: unknown.commit,
          committedAt: '2026-01-01T23:00:00.000Z',
          authoredAt: '2026-01-01T23:00:00.000Z',
          author: 'A Stranger',
          blob: { oid: unknown.blob, byteSize: 11 },
        },
      ],
    });
  });

  it('has the times of its author and of its committer, which differ after a rebase', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    const { commit: head } = await commit(bank, repository, { author: onDay(1), committer: onDay(3) });
    expect(await historyOf(bank, { ...repository, commit: head })).toMatchObject({
      commits: [{ authoredAt: onDay(1).date, committedAt: onDay(3).date }],
    });
  });

  it('that deletes the file has no blob', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    const made = await commit(bank, repository);
    await bank.github.rest.repos.deleteFile({
      owner: ORGANIZATION,
      repo: repository.repositoryName,
      path: 'item.json',
      message: 'Delete the item',
      sha: made.blob,
    });
    const again = await commit(bank, repository);
    const reading = await historyOf(bank, { ...repository, commit: again.commit });
    const blobs = reading?.kind === 'read' && reading.commits.map(({ blob }) => blob?.oid);
    expect(blobs).toEqual([made.blob, undefined, made.blob]);
  });

  it.each([
    ['has no author', { author: null }, ''],
    ['has an author without a name', { author: { name: null, user: null } }, ''],
    ['has an author without a login', { author: { name: 'Greta', user: { login: null } } }, 'Greta'],
    ['has an author that is not an object', { author: 'Greta' }, ''],
  ])('is read if it %s', async (_, of, author) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const [wanted] = await atHeads(bank, await listed(bank));
    if (!wanted) throw new Error('The bank has one.');
    const nodes = [{ oid: wanted.commit, authoredDate: '2026-01-01T00:00:00Z', file: null, ...of }];
    bank.site.fail(graphqlFailure(answering(pageOf(nodes, { hasNextPage: false, endCursor: null }))));
    expect(await historyOf(bank, wanted)).toMatchObject({ commits: [{ sha: wanted.commit, author }] });
  });
});

describe('a commit without a readable time', () => {
  it.each([
    ['null', null],
    ['absent', undefined],
    ['a year of five digits', '10000-01-01T00:00:00Z'],
    ['a year of five digits in ISO 8601', '+010000-01-01T00:00:00Z'],
    ['no time at all', 'yesterday'],
    ['a number', 1_767_225_600],
  ])('is read without it: %s', async (_, authoredDate) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const [wanted] = await atHeads(bank, await listed(bank));
    if (!wanted) throw new Error('The bank has one.');
    const nodes = [{ oid: wanted.commit, authoredDate, author: null, file: null }];
    bank.site.fail(graphqlFailure(answering(pageOf(nodes, { hasNextPage: false }))));
    expect(await historyOf(bank, wanted)).toEqual({
      kind: 'read',
      commits: [{ sha: wanted.commit, author: '' }],
    });
  });

  it('is read beside an error about its time or its author', async () => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const [wanted] = await atHeads(bank, await listed(bank));
    if (!wanted) throw new Error('The bank has one.');
    const node = { oid: wanted.commit, authoredDate: null, author: null, file: null };
    const history = { nodes: [node], pageInfo: { hasNextPage: false, endCursor: null } };
    const at = (...path: string[]) => ({
      message: 'no such time',
      path: ['r0', 'object', 'history', 'nodes', 0, ...path],
    });
    const body = { data: { r0: { owner: { login: ORGANIZATION }, object: { history } } } };
    bank.site.fail(
      graphqlFailure(answering({ ...body, errors: [at('authoredDate'), at('author', 'user', 'login')] })),
    );
    expect(await historyOf(bank, wanted)).toMatchObject({ kind: 'read' });
    bank.site.fail(graphqlFailure(answering({ ...body, errors: [at('file')] })));
    expect(await historyOf(bank, wanted)).toMatchObject({ kind: 'failed' });
  });
});

describe('a history that cannot be read', () => {
  it.each([
    ['a commit is null', [null], { hasNextPage: false }, 'object.history.nodes.0: '],
    ['a commit has no id', [{ file: null }], { hasNextPage: false }, 'object.history.nodes.0.oid: '],
    [
      'there is no next page',
      [],
      { hasNextPage: true, endCursor: null },
      'object.history.pageInfo.endCursor: ',
    ],
  ])('fails and names the field: %s', async (_, nodes, pageInfo, fault) => {
    const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
    const [wanted] = await atHeads(bank, await listed(bank));
    if (!wanted) throw new Error('The bank has one.');
    bank.site.fail(graphqlFailure(answering(pageOf(nodes, pageInfo))));
    expect(await historyOf(bank, wanted)).toMatchObject({
      failure: {
        message: expect.stringContaining(`the answer is not what GitHub documents: ${fault}`),
        githubRequestId: expect.any(String),
      },
    });
  });
});

describe('the history of a commit', () => {
  it('contains merged commits, as git shows them', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    const place = { owner: ORGANIZATION, repo: repository.repositoryName };
    const first = await commit(bank, repository, { content: '1', author: onDay(1) });
    const side = await commit(bank, repository, { content: '2', branch: 'side', author: onDay(2) });
    await commit(bank, repository, { path: 'notes.md', author: onDay(3) });
    await bank.github.rest.repos.merge({ ...place, base: 'main', head: 'side' });
    const last = await commit(bank, repository, { content: '3' });
    expect(shasOf(await historyOf(bank, { ...repository, commit: last.commit }))).toEqual([
      first.commit,
      side.commit,
      last.commit,
    ]);
  });

  it('ends at the head that was read, even if the branch has moved', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    const first = await commit(bank, repository, { content: '1' });
    const [wanted] = await atHeads(bank, [repository]);
    await commit(bank, repository, { content: '2' });
    if (!wanted) throw new Error('One head was asked for.');
    expect(shasOf(await historyOf(bank, wanted))).toEqual([first.commit]);
  });

  it('ends at the head that was read, even after a force push', async () => {
    const bank = await startBank(EMPTY);
    const repository = await createEmpty(bank, 'item-1');
    const first = await commit(bank, repository, { content: '1' });
    const second = await commit(bank, repository, { content: '2' });
    const [wanted] = await atHeads(bank, [repository]);
    await bank.github.rest.git.updateRef({
      owner: ORGANIZATION,
      repo: repository.repositoryName,
      ref: 'heads/main',
      sha: first.commit,
      force: true,
    });
    if (!wanted) throw new Error('One head was asked for.');
    expect(shasOf(await historyOf(bank, wanted))).toEqual([first.commit, second.commit]);
  });

  it('fails if the commit does not exist, and the other histories are read', async () => {
    const bank = await startBank({ repositories: 2, withoutProjectWebhook: 0 });
    const [lost, found] = await atHeads(bank, await listed(bank));
    if (!lost || !found) throw new Error('The bank has two.');
    const unknownCommit = 'd'.repeat(40);
    const histories = await readHistories(contextOf(bank), [{ ...lost, commit: unknownCommit }, found]);
    expect(histories.get(lost.itemBankId)).toEqual({
      kind: 'failed',
      failure: { reason: 'GITHUB_ERROR', message: `commit ${unknownCommit} not found` },
    });
    expect(histories.get(found.itemBankId)?.kind).toBe('read');
  });

  it('fails if the repository is gone or has another owner, and the other histories are read', async () => {
    const bank = await startBank({ repositories: 3, withoutProjectWebhook: 0 });
    const repositories = await listed(bank);
    const wanted = await atHeads(bank, repositories);
    const [deleted, moved] = repositories;
    if (!deleted || !moved) throw new Error('The bank has three.');
    await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo: deleted.repositoryName });
    await bank.github.rest.repos.transfer({
      owner: ORGANIZATION,
      repo: moved.repositoryName,
      new_owner: 'another-bank',
    });
    expect([...(await readHistories(contextOf(bank), wanted)).values()]).toMatchObject([
      { failure: { reason: 'REPOSITORY_NOT_FOUND', message: expect.stringContaining(deleted.nodeId) } },
      { failure: { reason: 'REPOSITORY_NOT_FOUND', message: 'the repository now belongs to another-bank' } },
      { kind: 'read' },
    ]);
  });
});
