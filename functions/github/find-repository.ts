import { RequestError } from '@octokit/request-error';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import { SyncError } from '../shared/errors.ts';
import * as z from '../shared/zod.ts';
import type { BankRequest } from './github.ts';
import { bankTrouble, failureOf, repositoryTrouble } from './github-answers.ts';
import { asListed, parseAnswer, Repository } from './list-repositories.ts';
import { isSameLogin } from './names.ts';
import { type Troubled, undocumented } from './trouble.ts';

/** Where a repository is that the listing did not have. */
export type FoundRepository =
  | { kind: 'in-bank'; repository: ListedRepository }
  | { kind: 'gone' }
  | { kind: 'transferred'; owner: string }
  | Troubled;

const OwnedRepository = z.extend(Repository, { owner: z.object({ login: z.string() }) });
// Whoever is not let in to the organization is not told of its private repositories.
const Organization = z.object({
  public_repos: z.int(),
  total_private_repos: z._default(z.int(), 0),
});
const Installation = z.object({ repository_selection: z.enum(['all', 'selected']) });
const NotFound = z.object({ message: z.string() });

/**
 * Asks for one repository by its id. Where the token does not see it GitHub says that there is none.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export async function findRepository(request: BankRequest, id: ItemBankId): Promise<FoundRepository> {
  try {
    const { data, headers } = await request.github.request('GET /repositories/{id}', { id });
    const parsed = OwnedRepository.safeParse(data);
    if (!parsed.success) return undocumented(headers);
    const { owner, ...repository } = parsed.data;
    if (!isSameLogin(owner.login, request.organization)) return { kind: 'transferred', owner: owner.login };
    return { kind: 'in-bank', repository: asListed(repository) };
  } catch (error) {
    if (isGone(error)) return { kind: 'gone' };
    return { kind: 'trouble', ...repositoryTrouble(error, failureOf(error, request), 'GITHUB_ERROR') };
  }
}

/**
 * On GitHub's own word alone, because what is gone is removed: a proxy has a 404 of its own, and what is blocked (451)
 * is still there.
 */
function isGone(error: unknown): boolean {
  if (!(error instanceof RequestError) || error.status !== 404) return false;
  return NotFound.safeParse(error.response?.data).success;
}

/**
 * Whether the credentials see every repository of the organization, as far as GitHub says: the organization must not
 * count more of them than a listing was `announced` to have, and an App must be installed on all of them.
 * @throws SyncError `GitHubUnavailable`, `GitHubCredentialsRejected`, `OrganizationNotFound`; RateLimited.
 */
export async function seesAllRepositories(request: BankRequest, announced: number): Promise<boolean> {
  try {
    if (request.github.isInstallation && !(await isInstalledOnAll(request))) return false;
    const answer = await request.github.rest.orgs.get({ org: request.organization });
    const { public_repos, total_private_repos } = parseAnswer(answer, Organization);
    return public_repos + total_private_repos <= announced;
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw bankTrouble(error, failureOf(error, request));
  }
}

/** Where it is installed on those that were selected, nobody says which the others are, or how many. */
async function isInstalledOnAll({ github }: BankRequest): Promise<boolean> {
  const answer = await github.rest.apps.listReposAccessibleToInstallation({ per_page: 1 });
  return parseAnswer(answer, Installation).repository_selection === 'all';
}
