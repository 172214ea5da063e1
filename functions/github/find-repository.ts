import { RequestError } from '@octokit/request-error';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import { asListed, isSameLogin, Repository } from './repository.ts';
import {
  answerFaults,
  type FailedReading,
  failedRequest,
  repositoryFailure,
  undocumentedAnswer,
} from './responses.ts';

/** What GitHub says about a repository that the listing does not contain. */
export type FoundRepository =
  | { kind: 'in-bank'; repository: ListedRepository }
  | { kind: 'gone' }
  | { kind: 'transferred'; owner: string }
  | FailedReading;

const Owned = z.object({ owner: z.object({ login: z.string() }) });
/** GitHub's own 404. A proxy may answer 404 with another message. */
const NotFound = z.object({ message: z.literal('Not Found') });

/**
 * Requests one repository by its id. If the token does not see the repository, GitHub answers 404 as well.
 * @throws DeferredError if GitHub asks to wait or is down; SyncError `GitHubCredentialsRejected`.
 */
export async function findRepository(context: GitHubContext, id: ItemBankId): Promise<FoundRepository> {
  try {
    const { data, headers } = await context.github.request('GET /repositories/{id}', { id });
    const owned = Owned.safeParse(data);
    if (!owned.success) return undocumentedAnswer(answerFaults(owned.error), headers);
    const { login } = owned.data.owner;
    if (!isSameLogin(login, context.organization)) return { kind: 'transferred', owner: login };
    const repository = Repository.safeParse(data);
    if (!repository.success) return undocumentedAnswer(answerFaults(repository.error), headers);
    return { kind: 'in-bank', repository: asListed(repository.data) };
  } catch (error) {
    // The item of a repository that is gone is removed, so only GitHub's own 404 counts. A blocked repository (451) still
    // exists.
    const isGone =
      error instanceof RequestError &&
      error.status === 404 &&
      NotFound.safeParse(error.response?.data).success;
    if (isGone) return { kind: 'gone' };
    const failure = repositoryFailure(error, failedRequest(error, context), 'GITHUB_ERROR');
    return { kind: 'failed', failure };
  }
}
