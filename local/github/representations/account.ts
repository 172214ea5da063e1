import type { components } from '@octokit/openapi-types';
import type { Bank } from '../bank/bank.ts';
import type { Organization } from '../bank/entities.ts';

export interface Account {
  login: string;
  id: number;
  nodeId: string;
  type: string;
}

/** The organization as an owner. */
export function ownerOf(
  { login, id, nodeId }: Organization,
  base: string,
): components['schemas']['simple-user'] {
  return simpleUser({ login, id, nodeId, type: 'Organization' }, base);
}

export function simpleUser(
  { login, id, nodeId, type }: Account,
  base: string,
): components['schemas']['simple-user'] {
  const url = `${base}/users/${login}`;
  return {
    login,
    id,
    node_id: nodeId,
    avatar_url: `${base}/avatars/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${base}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    user_view_type: 'public',
    site_admin: false,
  };
}

/** The public view of an account; that of an organization has the same fields. */
export function publicUser(
  account: Account & { name: string; email: string | null; createdAt: string },
  base: string,
): components['schemas']['public-user'] {
  return {
    ...simpleUser(account, base),
    user_view_type: 'public',
    name: account.name,
    company: null,
    blog: '',
    location: null,
    email: account.email,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt,
    updated_at: account.createdAt,
  };
}

/** The membership of a user, who is an owner if the role is `admin`. */
export function membership(
  { organization, user, role }: { organization: Organization; user: Account; role: 'admin' | 'member' },
  base: string,
): components['schemas']['org-membership'] {
  const { login, id, nodeId } = organization;
  const urls = organizationUrls(login, base);
  return {
    url: `${urls.url}/memberships/${user.login}`,
    state: 'active',
    role,
    organization_url: urls.url,
    user: simpleUser(user, base),
    organization: {
      login,
      id,
      node_id: nodeId,
      ...urls,
      avatar_url: `${base}/avatars/u/${id}?v=4`,
      description: null,
    },
  };
}

/** The URLs of an organization's resources in the API. */
export function organizationUrls(login: string, base: string) {
  const url = `${base}/orgs/${login}`;
  return {
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
  };
}

/**
 * The view of an owner. GitHub shows it to owners only, and to a classic token only if it has the scope `admin:org`.
 * https://docs.github.com/en/rest/orgs/orgs#get-an-organization
 */
export function fullOrganization(bank: Bank, base: string): components['schemas']['organization-full'] {
  const repositories = [...bank.repositories.values()];
  const privateCount = repositories.filter((repository) => repository.private).length;
  return {
    ...publicOrganization(bank, base),
    total_private_repos: privateCount,
    owned_private_repos: privateCount,
    disk_usage: repositories.reduce((total, { size }) => total + size, 0),
  };
}

/** The view of everybody else. */
export function publicOrganization(bank: Bank, base: string): components['schemas']['organization-full'] {
  const { login, id, nodeId, createdAt } = bank.organization;
  const repositories = [...bank.repositories.values()];
  return {
    login,
    id,
    node_id: nodeId,
    ...organizationUrls(login, base),
    avatar_url: `${base}/avatars/u/${id}?v=4`,
    description: null,
    name: login,
    is_verified: false,
    has_organization_projects: true,
    has_repository_projects: true,
    public_repos: repositories.filter((repository) => !repository.private).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    html_url: `${base}/${login}`,
    type: 'Organization',
    created_at: createdAt,
    updated_at: createdAt,
    archived_at: null,
  };
}
