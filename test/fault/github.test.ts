import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InjectedFailure } from '../../local/github/failures.ts';
import { authorsOf } from '../e2e/support.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';

/** What a run asks GitHub for; but the organization, whose path is the beginning of the listing's. */
const CALLS = {
  count: { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'totalCount' },
  listing: { method: 'GET', pathPrefix: '/orgs/item-bank/repos' },
  heads: { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'nodes(ids: $ids)' },
  webhooks: { method: 'GET', pathPrefix: '/repos/' },
  histories: { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'history(' },
  contents: { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'on Blob { text }' },
  creation: { method: 'POST', pathPrefix: '/repos/' },
  repository: { method: 'GET', pathPrefix: '/repositories/' },
} satisfies Record<string, Omit<InjectedFailure, 'outcome'>>;

describe('a run on a bank with one item to update, one to remove and one webhook to create', () => {
  let embedded: Embedded;

  beforeEach(async () => {
    embedded = await startEmbedded();
    await embedded.run();
    const authors = authorsOf(embedded);
    const [toUpdate = '', toRemove = '', withoutWebhook = ''] = (await authors.repositories()).map(
      ({ name }) => name,
    );
    await authors.changeItem(toUpdate, { version: 'another' });
    await authors.deleteRepository(toRemove);
    await authors.deleteProjectWebhook(withoutWebhook);
  });
  afterEach(() => embedded?.close());

  const ALL_DONE =
    'Total item bank ids: 11, number of items requiring project webhook: 1, created: 0, updated: 1, unchanged: 10, removed: 1, deferred: 0, failed: 0';

  it.each(['dropped-before-work', 'dropped-after-work'] as const)(
    'does all of it, once, when each request is %s the first time',
    async (connection) => {
      for (const call of Object.values(CALLS)) embedded.github.fail({ ...call, outcome: { connection } });
      expect(await embedded.run()).toMatchObject({ exitCode: 'COMPLETED', exitMessage: ALL_DONE });
      expect(await embedded.run()).toMatchObject({
        counts: { unchanged: 11, updated: 0, removed: 0, requiringProjectWebhook: 0 },
      });
    },
  );

  it('waits in each state when GitHub asks for it, and does all of it', async () => {
    const outcome = { status: 429, headers: { 'retry-after': '1' }, body: { message: 'slow down' } };
    for (const call of [CALLS.listing, CALLS.heads, CALLS.creation, CALLS.repository]) {
      embedded.github.fail({ ...call, outcome });
    }
    expect(await embedded.run()).toMatchObject({ exitCode: 'COMPLETED', exitMessage: ALL_DONE });
    expect(await embedded.log('"waiting until"')).toHaveLength(3);
    expect(await embedded.log('"deferred until"')).toHaveLength(1);
  });

  it.each<[calls: (keyof typeof CALLS)[], exitCode: string, exitMessage: string]>([
    [['webhooks'], 'COMPLETED_WITH_FAILURES', 'failed: 0, project webhooks not checked: 11'],
    [
      ['contents'],
      'COMPLETED_WITH_FAILURES',
      'updated: 0, unchanged: 10, removed: 1, deferred: 0, failed: 1',
    ],
    [
      ['histories', 'creation', 'repository'],
      'COMPLETED_WITH_FAILURES',
      'updated: 0, unchanged: 10, removed: 0, deferred: 0, failed: 2, project webhooks not created: 1',
    ],
  ])(
    'says what it could not do when GitHub never answers the requests for %j',
    async (calls, exitCode, exitMessage) => {
      const outcome = { connection: 'dropped-before-work' } as const;
      for (const call of calls) embedded.github.fail({ ...CALLS[call], times: Infinity, outcome });
      const ended = await embedded.run();
      expect(ended.exitCode).toBe(exitCode);
      expect(ended.exitMessage).toContain(exitMessage);
    },
  );
});
