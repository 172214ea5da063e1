import pRetry from 'p-retry';
import type { ErrorName } from '../shared/contract/errors.ts';
import { isSyncError } from '../shared/errors.ts';
import { backoff } from './backoff.ts';
import type { GitHubContext } from './github.ts';
import { bankError, failedRequest } from './responses.ts';

const RETRIES = 2;
/** Answers that may be mistakes: GitHub's occasional 404 or 403 for a visible organization, or a proxy's redirect. */
const PASSING: ReadonlySet<ErrorName> = new Set([
  'OrganizationNotFound',
  'GitHubRefused',
  'GitHubRedirected',
]);

/**
 * Sends a request that concerns the organization. An answer that would fail the run may be a mistake, so the request is
 * retried before the error is thrown.
 * @throws DeferredError if GitHub asks to wait or is down; SyncError `GitHubUnavailable`, `GitHubCredentialsRejected`,
 * `OrganizationNotFound`, `GitHubRefused`, `GitHubRedirected`.
 */
export function requestOrganization<Result>(
  context: GitHubContext,
  send: () => Promise<Result>,
): Promise<Result> {
  const attempt = async (): Promise<Result> => {
    try {
      return await send();
    } catch (error) {
      throw isSyncError(error) ? error : bankError(error, failedRequest(error, context));
    }
  };
  const options = {
    retries: RETRIES,
    mayPass: (error: Error) => isSyncError(error) && PASSING.has(error.name),
    describe: ({ message }: Error) => message,
  };
  const { retryLog: log, pause } = context.github;
  return pRetry(attempt, backoff({ log, clock: context, pause }, options));
}
