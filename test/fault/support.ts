import { afterEach, beforeEach } from 'vitest';
import type { InjectedFailure } from '../../local/github/failures.ts';
import { authorsOf } from '../e2e/support.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';

/** The requests of a run, except that for the organization, whose path is a prefix of that of the listing. */
export const CALLS = {
  count: { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'totalCount' },
  listing: { method: 'GET', pathPrefix: '/orgs/item-bank/repos' },
  heads: { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'nodes(ids: $ids)' },
  webhooks: { method: 'GET', pathPrefix: '/repos/' },
  histories: { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'history(' },
  contents: { method: 'POST', pathPrefix: '/graphql', bodyIncludes: 'on Blob { text }' },
  creation: { method: 'POST', pathPrefix: '/repos/' },
  repository: { method: 'GET', pathPrefix: '/repositories/' },
} satisfies Record<string, Omit<InjectedFailure, 'outcome'>>;

/** The end of a run that does all the work of the bank below. */
export const ALL_DONE =
  'Total item bank ids: 11, number of items requiring project webhook: 1, created: 0, updated: 1, unchanged: 10, removed: 1, deferred: 0, failed: 0';

/** Gives every test a bank with one item to update, one to remove, and one webhook to create. */
export function useChangedBank(): () => Embedded {
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

  return () => embedded;
}
