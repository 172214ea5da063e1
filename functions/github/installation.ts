import { createAppAuth } from '@octokit/auth-app';
import type { Octokit } from '@octokit/rest';
import { isGitHubToken } from '../shared/contract/github-secret.ts';
import { isSyncError, SyncError } from '../shared/errors.ts';
import * as z from '../shared/zod.ts';
import { isByApp } from './request-kinds.ts';
import { bankError, detailsOf, failedRequest, parseAnswer, withRequestId } from './responses.ts';
import type { Waiting } from './resume-at.ts';
import { isUnauthorized, type TokenRetry, waitToRetry } from './unauthorized.ts';

/** A GitHub App that an organization has installed. */
export interface InstalledApp {
  appId: number;
  /** PEM. */
  privateKey: string;
  organization: string;
  /** If absent, GitHub is asked for it. */
  installationId?: number;
}

/** @returns the header by which the App authenticates as itself, for requests about the App. */
export type AppAuthorization = () => Promise<string>;

type Authenticate = ReturnType<typeof createAppAuth>;

const Installation = z.object({ id: z.int() });

/**
 * Authenticates each request of a client by a token of the installation. Tokens are valid for an hour and are renewed
 * in time. If GitHub rejects a token nevertheless, the request is repeated once with a new one.
 * Add this last, so that it wraps the attempts of `retrying`: the request for a token has its own attempts.
 * The client throws SyncError `GitHubCredentialsRejected` if GitHub issues no token.
 */
export function showInstallation(
  github: Octokit,
  { appId, privateKey, organization, installationId: known }: InstalledApp,
  tokenRetry: TokenRetry,
): AppAuthorization {
  const authenticate = createAppAuth({ appId, privateKey, request: github.request, log: github.log });
  let installationId = known === undefined ? undefined : Promise.resolve(known);

  const issueToken = async ({ refresh }: { refresh: boolean }): Promise<string> => {
    installationId ??= findInstallation(github, authenticate, organization).catch((error: unknown) => {
      // Lets the next request try again.
      installationId = undefined;
      throw error;
    });
    const options = { type: 'installation', installationId: await installationId, refresh } as const;
    const { token } = await authenticate(options);
    if (isGitHubToken(token)) return token;
    // The library caches any answer for an hour, even one without a token.
    if (!refresh) return issueToken({ refresh: true });
    throw new SyncError('GitHubUnavailable', 'GitHub answered the request for a token without a token');
  };
  const getToken = async (options: { refresh: boolean }): Promise<string> => {
    try {
      return await issueToken(options);
    } catch (error) {
      const failure = tokenError(error, tokenRetry.clock);
      const mayPass =
        isSyncError(failure, 'GitHubCredentialsRejected') || isSyncError(failure, 'GitHubRedirected');
      if (!mayPass) throw failure;
      // GitHub occasionally rejects a valid App, as it does valid tokens.
      await waitToRetry(error, tokenRetry);
    }
    return issueToken({ refresh: true }).catch((error: unknown) => {
      throw tokenError(error, tokenRetry.clock);
    });
  };

  github.hook.wrap('request', async (request, options) => {
    if (isByApp(options)) return request(options);
    const { headers } = options;
    const sendWith = (token: string) => {
      // Other hooks share this object, so it is changed in place.
      Object.assign(options, { headers: { ...headers, authorization: `token ${token}` } });
      return request(options);
    };
    const token = await getToken({ refresh: false });
    try {
      return await sendWith(token);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      // Another request may have renewed the token meanwhile.
      const current = await getToken({ refresh: false });
      const newToken = current === token ? await getToken({ refresh: true }) : current;
      // A new token takes a moment to be accepted everywhere at GitHub.
      await waitToRetry(error, tokenRetry);
      return sendWith(newToken);
    }
  });
  return () => authorizationOf(authenticate);
}

async function authorizationOf(authenticate: Authenticate): Promise<string> {
  const { token } = await authenticate({ type: 'app' });
  return `bearer ${token}`;
}

async function findInstallation(
  { request }: Octokit,
  authenticate: Authenticate,
  org: string,
): Promise<number> {
  const headers = { authorization: await authorizationOf(authenticate) };
  return parseAnswer(await request('GET /orgs/{org}/installation', { org, headers }), Installation).id;
}

/** The error for the request that needs the token. A 404 here says nothing about the repository of that request. */
function tokenError(error: unknown, waiting: Waiting): unknown {
  const failed = failedRequest(error, waiting);
  switch (failed.meaning.kind) {
    case 'unavailable':
      return error;
    case 'rate-limited':
    case 'redirected':
    case 'not-sent':
      return bankError(error, failed);
    default:
      return new SyncError(
        'GitHubCredentialsRejected',
        `GitHub issued no token for the App: ${withRequestId(failed)}`,
        { cause: error, details: detailsOf(failed) },
      );
  }
}
