import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import { countRepositories } from './list-repositories.ts';
import { requestOrganization } from './organization-requests.ts';
import { bankError, failedRequest } from './responses.ts';

/**
 * Whether the credentials see all repositories of the organization. `unknown`: GitHub does not tell them. GitHub answers
 * 404 for a repository that is gone and for one that they do not see, so only `all` lets a 404 mean that it is gone.
 */
export type Visibility = 'all' | 'not-all' | 'unknown';

// GitHub shows the number of private repositories to owners of the organization only, and to a classic token only if it
// has the scope admin:org. https://docs.github.com/en/rest/orgs/orgs#get-an-organization
const Counts = z.object({ public_repos: z.int(), total_private_repos: z.int() });
const Installation = z.object({ repository_selection: z.literal('all') });
const Ownership = z.object({ role: z.literal('admin'), state: z.literal('active') });

/**
 * Proofs, in this order: an App is installed on all repositories; the organization has as many repositories as the
 * credentials see; the token acts for an owner of the organization and is not limited to some repositories.
 * @throws DeferredError if rate limited; SyncError `GitHubUnavailable`, `GitHubCredentialsRejected`,
 * `OrganizationNotFound`, `GitHubRefused`, `GitHubRedirected`.
 */
export async function checkVisibility(context: GitHubContext): Promise<Visibility> {
  const { github, organization } = context;
  try {
    if (github.isInstallation) {
      const { listReposAccessibleToInstallation } = github.rest.apps;
      const { data } = await requestOrganization(context, () =>
        listReposAccessibleToInstallation({ per_page: 1 }),
      );
      // If the App is installed on selected repositories, nothing reveals how many others there are.
      return Installation.safeParse(data).success ? 'all' : 'unknown';
    }
    const { data } = await requestOrganization(context, () => github.rest.orgs.get({ org: organization }));
    const counts = Counts.safeParse(data);
    if (counts.success) {
      const { public_repos, total_private_repos } = counts.data;
      // Counted now, because the listing may be hours old: a repository that was deleted since would make up for one
      // that is hidden.
      const hidden = public_repos + total_private_repos - (await countRepositories(context));
      if (hidden === 0) return 'all';
      if (hidden > 0) return 'not-all';
    }
    return (await isUnlimitedOwner(context)) ? 'all' : 'unknown';
  } catch (error) {
    throw bankError(error, failedRequest(error, context));
  }
}

/**
 * Owners have access to every repository of their organization, but not every token of an owner has. GitHub names the
 * scopes of classic tokens only. `repo` is access to all repositories of the user; a fine-grained token, which has no
 * scopes, may be limited to selected repositories, and nothing reveals whether it is.
 * https://docs.github.com/en/rest/orgs/members#get-an-organization-membership-for-the-authenticated-user
 */
async function isUnlimitedOwner(context: GitHubContext): Promise<boolean> {
  const { github, organization } = context;
  try {
    const { data, headers } = await github.rest.orgs.getMembershipForAuthenticatedUser({ org: organization });
    const scopes = String(headers['x-oauth-scopes']).split(/,\s*/);
    return scopes.includes('repo') && Ownership.safeParse(data).success;
  } catch (error) {
    const { kind } = failedRequest(error, context).meaning;
    // The user is no member, or the token lacks the scope read:org.
    if (kind === 'not-found' || kind === 'forbidden' || kind === 'refused') return false;
    throw error;
  }
}
