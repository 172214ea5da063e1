import { describe, expect, it } from 'vitest';
import { listRepositories } from '../../../functions/github/list-repositories.ts';
import { ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
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
