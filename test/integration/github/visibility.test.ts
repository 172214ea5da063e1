import { describe, expect, it } from 'vitest';
import { checkVisibility } from '../../../functions/github/visibility.ts';
import { connect, ORGANIZATION, ROUTES, startBank } from '../../support/bank.ts';
import { contextOf, type Fault, listed } from './support.ts';

const BANK = { repositories: 4, withoutProjectWebhook: 0 };
const OWNER = { token: 'of-an-owner', role: 'admin', scopes: ['repo', 'read:org'] } as const;
const WITH_COUNTS = { ...OWNER, scopes: ['repo', 'admin:org'] } as const;
const ORGANIZATION_PATH = `/orgs/${ORGANIZATION}`;
const MEMBERSHIP_PATH = `/user/memberships/orgs/${ORGANIZATION}`;
const LIMITED = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } } as const;

type Token = NonNullable<NonNullable<Parameters<typeof startBank>[0]>['otherTokens']>[number];

/** A bank of four repositories, and a context that uses this token. */
async function setUp(token: Token) {
  const bank = await startBank({ ...BANK, otherTokens: [token] });
  return { bank, context: { ...contextOf(bank), github: connect(bank.site, token.token) } };
}

/** The names of all repositories but the first. Banks with the same seed are the same. */
async function allButOne(): Promise<string[]> {
  const repositories = await listed(await startBank(BANK));
  return repositories.slice(1).map(({ repositoryName }) => repositoryName);
}

const reading = (pathPrefix: string, outcome: Fault['outcome']) => ({ method: 'GET', pathPrefix, outcome });
const answering = (body: object) => ({ status: 200, body });

describe('a token whose owner GitHub shows how many repositories there are', () => {
  it('sees all of them if it sees as many', async () => {
    const { bank, context } = await setUp(WITH_COUNTS);
    expect(await checkVisibility(context)).toBe('all');
    expect(bank.requests('GET /user/memberships/orgs/{org}')).toBe(0);
  });

  it('does not see all if it sees fewer, even as an owner', async () => {
    const { context } = await setUp({ ...WITH_COUNTS, repositories: await allButOne() });
    expect(await checkVisibility(context)).toBe('not-all');
  });

  it('sees all if there are as many public and private ones', async () => {
    const { bank, context } = await setUp(OWNER);
    const counts = { public_repos: 1, total_private_repos: 3 };
    bank.site.fail(reading(ORGANIZATION_PATH, answering(counts)));
    expect(await checkVisibility(context)).toBe('all');
  });

  it('is judged by its role if it sees more than there are', async () => {
    const { bank, context } = await setUp({ ...OWNER, role: 'member' });
    const counts = { public_repos: 0, total_private_repos: 3 };
    bank.site.fail(reading(ORGANIZATION_PATH, answering(counts)));
    expect(await checkVisibility(context)).toBe('unknown');
  });
});

describe('a token that GitHub does not show how many private repositories there are', () => {
  it('sees all if it is a classic one of an owner, with access to all repositories of its user', async () => {
    const { bank, context } = await setUp(OWNER);
    expect(await checkVisibility(context)).toBe('all');
    expect(bank.requests(ROUTES.graphql)).toBe(0);
  });

  it.each([
    ['a member', { ...OWNER, role: 'member' }],
    ['somebody outside the organization', { ...OWNER, role: undefined }],
    ['an owner, without the scope that shows the role', { ...OWNER, scopes: ['repo'] }],
    ['an owner, for public repositories', { ...OWNER, scopes: ['public_repo', 'read:org'] }],
  ] as const)('may not see all if it belongs to %s', async (_, token) => {
    const { context } = await setUp(token);
    expect(await checkVisibility(context)).toBe('unknown');
  });

  it('may not see all if it is fine-grained, because it may be limited to selected repositories', async () => {
    const { bank, context } = await setUp({ ...OWNER, scopes: undefined });
    bank.site.fail(reading(ORGANIZATION_PATH, answering({ public_repos: 0 })));
    expect(await checkVisibility(context)).toBe('unknown');
  });

  it.each([
    ['no count of private repositories', { public_repos: 4 }],
    ['null instead of a count', { public_repos: 4, total_private_repos: null }],
    ['no count of public repositories', { total_private_repos: 4 }],
    ['nothing', {}],
  ])('may not see all if the organization has %s', async (_, counts) => {
    const { bank, context } = await setUp({ ...WITH_COUNTS, role: 'member' });
    bank.site.fail(reading(ORGANIZATION_PATH, answering(counts)));
    expect(await checkVisibility(context)).toBe('unknown');
  });

  it.each([
    ['pending', { role: 'admin', state: 'pending' }],
    ['of an undocumented shape', {}],
  ])('may not see all if the membership is %s', async (_, membership) => {
    const { bank, context } = await setUp(OWNER);
    const headers = { 'x-oauth-scopes': 'repo' };
    bank.site.fail(reading(MEMBERSHIP_PATH, { status: 200, headers, body: membership }));
    expect(await checkVisibility(context)).toBe('unknown');
  });
});

describe('the check', () => {
  it.each([
    [
      ORGANIZATION_PATH,
      'no such organization',
      { status: 404, body: { message: 'Not Found' } },
      'OrganizationNotFound',
    ],
    [
      ORGANIZATION_PATH,
      'a bad token',
      { status: 401, body: { message: 'Bad credentials' } },
      'GitHubCredentialsRejected',
    ],
    [ORGANIZATION_PATH, 'a rate limit', LIMITED, 'DeferredError'],
    [MEMBERSHIP_PATH, 'a rate limit', LIMITED, 'DeferredError'],
  ] as const)('throws if %s is answered with %s', async (path, _, outcome, name) => {
    const { bank, context } = await setUp(OWNER);
    bank.site.fail({ ...reading(path, outcome), times: Infinity });
    await expect(checkVisibility(context)).rejects.toMatchObject({ name });
  });
});
