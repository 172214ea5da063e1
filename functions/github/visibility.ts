import { isSyncError } from '../shared/errors.ts';
import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import { countRepositories } from './list-repositories.ts';
import { requestOrganization } from './organization-requests.ts';

/**
 * Whether the credentials see all repositories of the organization; `unknown` if GitHub does not say. GitHub answers
 * 404 both for a repository that is gone and for one that is hidden, so a 404 means "gone" only if the visibility is
 * `all`.
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
 * @throws DeferredError if GitHub asks to wait or is down; SyncError `GitHubUnavailable`, `GitHubCredentialsRejected`,
 * `OrganizationNotFound`, `GitHubRefused`, `GitHubRedirected`.
 */
export async function checkVisibility(context: GitHubContext): Promise<Visibility> {
  const { github, organization } = context;
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
    // Counted now, because the listing may be hours old. If a repository was deleted since then, the numbers could
    // match although another repository is hidden.
    const hidden = public_repos + total_private_repos - (await countRepositories(context));
    if (hidden === 0) return 'all';
    if (hidden > 0) return 'not-all';
  }
  return (await isUnlimitedOwner(context)) ? 'all' : 'unknown';
}

/**
 * Owners have access to every repository of their organization, but their tokens may not. A classic token with the
 * scope `repo` has the access of its user. A fine-grained token has no scopes. It may be limited to selected
 * repositories, and nothing reveals whether it is.
 * https://docs.github.com/en/rest/orgs/members#get-an-organization-membership-for-the-authenticated-user
 */
async function isUnlimitedOwner(context: GitHubContext): Promise<boolean> {
  const { github, organization: org } = context;
  try {
    const { data, headers } = await requestOrganization(context, () =>
      github.rest.orgs.getMembershipForAuthenticatedUser({ org }),
    );
    const scopes = String(headers['x-oauth-scopes']).split(/,\s*/);
    return scopes.includes('repo') && Ownership.safeParse(data).success;
  } catch (error) {
    // The user is not a member, or the token lacks the scope read:org.
    if (isSyncError(error, 'OrganizationNotFound') || isSyncError(error, 'GitHubRefused')) return false;
    throw error;
  }
}
