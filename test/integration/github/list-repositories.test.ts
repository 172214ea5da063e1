import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { listRepositories } from '../../../functions/github/list-repositories.ts';
import { type Bank, ORGANIZATION, ROUTES, reportTotalCount, startBank } from '../../support/bank.ts';
import { bankOf, contextOf } from './support.ts';

it.each([
  [
    'says that single sign-on hides repositories from the token',
    'partial-results; organizations=21955855,20582480',
    false,
  ],
  ['asks for single sign-on and hides nothing', 'required; url=https://github.com/orgs/item-bank/sso', true],
])('a listing is complete unless repositories are hidden: a page %s', async (_, header, complete) => {
  const bank = await startBank({ repositories: 1, withoutProjectWebhook: 0 });
  const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION });
  bank.site.fail({
    method: 'GET',
    pathPrefix: `/orgs/${ORGANIZATION}/repos`,
    times: Infinity,
    outcome: { status: 200, headers: { 'x-github-sso': header }, body: data },
  });
  expect(await listRepositories({ ...contextOf(bank), ignored: new Set() })).toMatchObject({
    announced: 1,
    found: 1,
    complete,
  });
});

describe('a listing whose pages link in another way', () => {
  const withoutLast = (link: string) => link.replace(/, <[^>]+>; rel="last"/, '');
  const withoutQuotes = (link: string) => link.replaceAll('"', '');
  const withCursor = (link: string) => withoutLast(link).replaceAll(/\bpage=/g, 'after=abc&page=');

  it.for([
    ['no link to the last page', withoutLast],
    ['relations without quotes', withoutQuotes],
    ['both', (link: string) => withoutQuotes(withoutLast(link))],
    ['a cursor', withCursor],
    [
      'another host',
      (link: string) => withoutLast(link).replaceAll('http://', 'http://elsewhere.example.org/'),
    ],
  ] as const)('is complete after one attempt: %s', async ([, changeTo], test) => {
    const { bank } = await bankOf(230, test);
    bank.requests(ROUTES.listing);
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}/repos`,
      times: Infinity,
      outcome: { header: 'link', changeTo },
    });
    const listing = await listRepositories({ ...contextOf(bank), ignored: new Set() });
    expect(listing).toMatchObject({ announced: 230, found: 230, complete: true });
    expect(bank.requests(ROUTES.listing)).toBe(3);
  });

  it('goes on after the last page if that links to a next one', async (test) => {
    const { bank } = await bankOf(230, test);
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}/repos`,
      outcome: { header: 'link', changeTo: (link) => link.replace('page=3', 'page=2') },
    });
    const listing = await listRepositories({ ...contextOf(bank), ignored: new Set() });
    expect(listing).toMatchObject({ found: 230, complete: true });
  });

  it('ends if a page links to itself', async (test) => {
    const { bank } = await bankOf(130, test);
    bank.requests(ROUTES.listing);
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}/repos`,
      times: Infinity,
      outcome: { header: 'link', changeTo: () => '</repos?page=2>; rel=next' },
    });
    const listing = await listRepositories({ ...contextOf(bank), ignored: new Set() });
    expect(listing).toMatchObject({ found: 130, complete: true });
    expect(bank.requests(ROUTES.listing)).toBe(2);
  });
});

describe('a listing with a repository that cannot be read', () => {
  const withFirst = (bank: Bank, changed: (first: object) => unknown) =>
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}/repos`,
      times: Infinity,
      outcome: {
        change: (page) => Page.parse(page).map((each, index) => (index === 0 ? changed(each) : each)),
      },
    });
  const Page = z.array(z.looseObject({}));

  it.for([
    ['is null', () => null, '?: answer: '],
    ['has no id', (first: object) => ({ ...first, id: null, name: 'item-1' }), 'item-1: id: '],
    ['has no node id', (first: object) => ({ ...first, node_id: null, name: 'item-1' }), 'item-1: node_id: '],
  ] as const)('is incomplete, and has the others: it %s', async ([, change, fault], test) => {
    const { bank } = await bankOf(3, test);
    withFirst(bank, change);
    expect(await listRepositories({ ...contextOf(bank), ignored: new Set() })).toMatchObject({
      announced: 3,
      found: 2,
      unreadable: [expect.stringContaining(fault)],
      complete: false,
    });
  });

  it.for([undefined, null, 'no'])(
    'is complete if only `archived` cannot be read: %s',
    async (archived, test) => {
      const { bank } = await bankOf(3, test);
      withFirst(bank, (first) => ({ ...first, archived }));
      const { repositories, complete } = await listRepositories({ ...contextOf(bank), ignored: new Set() });
      expect(complete).toBe(true);
      expect(repositories.map((each) => each.archived)).toEqual([false, false, false]);
    },
  );
});

describe('a listing whose pages are known', () => {
  /** Holds requests back until none is on its way. @returns how often some were released: the number of round trips. */
  async function roundTripsOf(work: () => Promise<unknown>): Promise<number> {
    const { fetch } = globalThis;
    const held: (() => void)[] = [];
    let onTheirWay = 0;
    vi.stubGlobal('fetch', async (...request: Parameters<typeof fetch>) => {
      await new Promise<void>((resolve) => void held.push(resolve));
      try {
        return await fetch(...request);
      } finally {
        onTheirWay -= 1;
      }
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    let isDone = false;
    const done = work().finally(() => {
      isDone = true;
    });
    let roundTrips = 0;
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      if (onTheirWay > 0 || held.length === 0) continue;
      roundTrips += 1;
      onTheirWay = held.length;
      for (const release of held.splice(0)) release();
    }
    await done;
    return roundTrips;
  }

  async function listing(test: Parameters<typeof bankOf>[1], knownPages?: number) {
    const { bank } = await bankOf(230, test);
    bank.requests(ROUTES.listing);
    const list = () => listRepositories({ ...contextOf(bank), ignored: new Set(), knownPages });
    return { bank, list };
  }

  it.for([
    ['takes two round trips', 3, 2, 3],
    ['takes a third one if there are more now', 2, 3, 3],
    ['takes two if there are fewer now', 5, 2, 5],
    ['takes three if they are not known', undefined, 3, 3],
    ['takes three if only the first one is known', 1, 3, 3],
  ] as const)('%s', async ([, knownPages, roundTrips, requests], test) => {
    const { bank, list } = await listing(test, knownPages);
    const found: unknown[] = [];
    expect(await roundTripsOf(async () => found.push(await list()))).toBe(roundTrips);
    expect(found).toMatchObject([{ announced: 230, found: 230, complete: true, pages: 3 }]);
    expect(bank.requests(ROUTES.listing)).toBe(requests);
    expect(bank.requests(ROUTES.graphql)).toBe(2);
  });

  it('goes on with the pages that follow if there is no link to the last one', async (test) => {
    const { bank, list } = await listing(test, 2);
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}/repos`,
      times: Infinity,
      outcome: { header: 'link', changeTo: (link) => link.replace(/, <[^>]+>; rel="last"/, '') },
    });
    expect(await list()).toMatchObject({ found: 230, complete: true, pages: 3 });
    expect(bank.requests(ROUTES.listing)).toBe(3);
  });

  it('is repeated if a repository is deleted meanwhile', async (test) => {
    const { bank, list } = await listing(test, 3);
    const first = (await list()).repositories[0]?.repositoryName ?? '';
    bank.requests(ROUTES.listing);
    const deleteFirst = async (count: unknown) => {
      await bank.github.rest.repos.delete({ owner: ORGANIZATION, repo: first });
      return count;
    };
    bank.site.fail({ ...reportTotalCount(0, 1), outcome: { change: deleteFirst } });
    expect(await list()).toMatchObject({ announced: 229, found: 229, complete: true });
    expect(bank.requests(ROUTES.listing)).toBe(6);
  });

  it('is repeated page by page if the server does not number its pages', async (test) => {
    const { bank, list } = await listing(test, 3);
    const { data } = await bank.github.rest.repos.listForOrg({ org: ORGANIZATION, per_page: 100 });
    bank.site.fail({
      method: 'GET',
      pathPrefix: `/orgs/${ORGANIZATION}/repos`,
      times: 3,
      outcome: { status: 200, body: data },
    });
    expect(await list()).toMatchObject({ announced: 230, found: 230, complete: true });
  });

  it('may have become empty', async (test) => {
    const { bank } = await bankOf(0, test);
    const found = await listRepositories({ ...contextOf(bank), ignored: new Set(), knownPages: 2 });
    expect(found).toMatchObject({ found: 0, complete: true, pages: 1 });
  });
});
