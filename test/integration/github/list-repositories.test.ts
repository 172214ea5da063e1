import { expect, it } from 'vitest';
import { listRepositories } from '../../../functions/github/list-repositories.ts';
import { ORGANIZATION, startBank } from '../../support/bank.ts';
import { contextOf } from './support.ts';

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
