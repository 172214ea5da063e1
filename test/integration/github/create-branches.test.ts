import { describe, expect, it, onTestFinished } from 'vitest';
import { readHeads } from '../../../functions/github/heads.ts';
import type { ListedRepository } from '../../../functions/shared/contract/repositories.ts';
import { type Bank, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import {
  answering,
  commit,
  contextOf,
  createEmpty,
  type Fault,
  graphqlFailure,
  knownBankOf,
  onDay,
  TOO_MUCH,
} from './support.ts';

const DEFAULT_BRANCHES = 'nodes(ids: $ids)';
const ALL_BRANCHES = 'nodes(ids: $creating)';

/** The repositories of each query that the client sends from now on. */
function watchQueries({ github }: Bank): { default: unknown[]; all: unknown[] }[] {
  const queries: { default: unknown[]; all: unknown[] }[] = [];
  const watch = (options: { variables?: { ids?: unknown[]; creating?: unknown[] } }) => {
    const { ids = [], creating = [] } = options.variables ?? {};
    if (options.variables) queries.push({ default: ids, all: creating });
  };
  github.hook.before('request', watch as never);
  onTestFinished(() => github.hook.remove('request', watch as never));
  return queries;
}

/** One item on its default branch, and one on a `create_` branch. */
async function bankOfTwo() {
  const bank = await startBank({ repositories: 0, withoutProjectWebhook: 0 });
  const [finished, created] = [await createEmpty(bank, 'item-1'), await createEmpty(bank, 'item-2')];
  await commit(bank, finished);
  await commit(bank, created, { path: 'README.md', author: onDay(1) });
  const own = await commit(bank, created, { branch: 'create_greta', author: onDay(2) });
  return { bank, finished, created, own };
}

const place = ({ repositoryName: repo }: ListedRepository) => ({ owner: ORGANIZATION, repo });

describe('the create_ branches', () => {
  it('are queried of those repositories alone whose default branch has no item.json', async () => {
    const { bank, finished, created } = await bankOfTwo();
    const queries = watchQueries(bank);
    const heads = await readHeads(contextOf(bank), [finished, created]);
    expect(queries).toEqual([
      { default: [finished.nodeId, created.nodeId], all: [] },
      { default: [], all: [created.nodeId] },
    ]);
    expect(heads.get(created.itemBankId)).toMatchObject({ head: { branch: 'create_greta' } });
  });

  it('are not queried if every default branch has item.json', async () => {
    const { bank, finished } = await bankOfTwo();
    const queries = watchQueries(bank);
    await readHeads(contextOf(bank), [finished]);
    expect(queries).toEqual([{ default: [finished.nodeId], all: [] }]);
  });

  it('are queried at once of items that are known as being created', async (test) => {
    const { bank, repositories, readHeadsOf } = await knownBankOf(100, test);
    const queries = watchQueries(bank);
    const heads = await readHeadsOf();
    const created = repositories.filter(({ itemBankId }) => {
      const reading = heads.get(itemBankId);
      return reading?.kind === 'read' && reading.head.isBeingCreated;
    });
    expect(created.length).toBeGreaterThan(0);
    expect(queries).toHaveLength(1);
    expect(queries[0]?.all).toEqual(created.map(({ nodeId }) => nodeId));
    expect([...heads.keys()]).toEqual(repositories.map(({ itemBankId }) => itemBankId));
  });

  it('are not followed although the item was being created, if it is on the default branch now', async () => {
    const { bank, finished, created } = await bankOfTwo();
    const heads = await readHeads(contextOf(bank), [finished, created], () => true);
    expect(heads.get(finished.itemBankId)).toMatchObject({ head: { branch: 'main', isBeingCreated: false } });
    expect(bank.requests(ROUTES.graphql)).toBe(1);
  });
});

describe('a change between the two queries', () => {
  /** The reading of the item on a `create_` branch, if this happens once the first query is answered. */
  async function readingAfter(change: (bank: Bank, created: ListedRepository) => Promise<unknown>) {
    const { bank, finished, created } = await bankOfTwo();
    const outcome: Fault['outcome'] = {
      change: async (answer) => {
        await change(bank, created);
        return answer;
      },
    };
    bank.site.fail(graphqlFailure(outcome, { bodyIncludes: DEFAULT_BRANCHES }));
    const heads = await readHeads(contextOf(bank), [finished, created]);
    expect(heads.get(finished.itemBankId)).toMatchObject({ head: { branch: 'main' } });
    return heads.get(created.itemBankId);
  }

  it('that brings item.json to the default branch makes that the followed branch', async () => {
    const reading = await readingAfter((bank, created) => commit(bank, created, { author: onDay(3) }));
    expect(reading).toMatchObject({ kind: 'read', head: { branch: 'main', isBeingCreated: false } });
  });

  it('that deletes the create_ branch leaves no item', async () => {
    const reading = await readingAfter(({ github }, created) =>
      github.rest.git.deleteRef({ ...place(created), ref: 'heads/create_greta' }),
    );
    expect(reading).toMatchObject({ failure: { reason: 'ITEM_JSON_MISSING' } });
  });

  it('that merges the create_ branch and deletes it leaves the item', async () => {
    const reading = await readingAfter(async ({ github }, created) => {
      await github.rest.repos.merge({ ...place(created), base: 'main', head: 'create_greta' });
      await github.rest.git.deleteRef({ ...place(created), ref: 'heads/create_greta' });
    });
    expect(reading).toMatchObject({ kind: 'read', head: { branch: 'main', isBeingCreated: false } });
  });

  it('that renames the repository is seen', async () => {
    const reading = await readingAfter(({ github }, created) =>
      github.rest.repos.update({ ...place(created), name: 'item-renamed' }),
    );
    expect(reading).toMatchObject({ repositoryName: 'item-renamed', head: { branch: 'create_greta' } });
  });

  it('that deletes or transfers the repository is seen', async () => {
    const deleted = await readingAfter(({ github }, created) => github.rest.repos.delete(place(created)));
    const moved = await readingAfter(({ github }, created) =>
      github.rest.repos.transfer({ ...place(created), new_owner: 'another-bank' }),
    );
    expect([deleted, moved]).toMatchObject([
      { failure: { reason: 'REPOSITORY_NOT_FOUND' } },
      { failure: { reason: 'REPOSITORY_NOT_FOUND' } },
    ]);
  });
});

describe('a second query', () => {
  it('that GitHub cannot answer fails only its own repositories', async () => {
    const { bank, finished, created } = await bankOfTwo();
    bank.site.fail(graphqlFailure(TOO_MUCH, { bodyIncludes: ALL_BRANCHES, times: Infinity }));
    const heads = await readHeads(contextOf(bank), [finished, created]);
    expect(heads.get(finished.itemBankId)).toMatchObject({ kind: 'read' });
    expect(heads.get(created.itemBankId)).toMatchObject({ failure: { reason: 'GITHUB_ERROR' } });
  });

  it('that GitHub limits defers the work', async () => {
    const { bank, finished, created } = await bankOfTwo();
    const limited = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } };
    bank.site.fail(graphqlFailure(limited, { bodyIncludes: ALL_BRANCHES }));
    await expect(readHeads(contextOf(bank), [finished, created])).rejects.toMatchObject({
      name: 'DeferredError',
      deferral: { kind: 'rate-limited' },
    });
  });

  it.each([
    ['a null', null],
    [
      'no branches',
      { owner: { login: ORGANIZATION }, name: 'item-2', isArchived: false, defaultBranchRef: null },
    ],
  ])('that is answered with %s does not count as a repository without an item', async (_, answer) => {
    const { bank, finished, created } = await bankOfTwo();
    bank.site.fail(
      graphqlFailure(answering({ data: { creating: [answer] } }), { bodyIncludes: ALL_BRANCHES }),
    );
    const heads = await readHeads(contextOf(bank), [finished, created]);
    expect(heads.get(created.itemBankId)).toMatchObject({
      failure: {
        reason: 'GITHUB_ERROR',
        message: expect.stringContaining('the answer is not what GitHub documents'),
      },
    });
  });
});
