import { setTimeout as delay } from 'node:timers/promises';
import { createAppAuth } from '@octokit/auth-app';
import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import type { Clock } from '../shared/clock.ts';
import { SyncError } from '../shared/errors.ts';
import * as z from '../shared/zod.ts';
import { isByApp } from './request-kinds.ts';
import { bankError, detailsOf, failedRequest, parseAnswer, withRequestId } from './responses.ts';

/** A GitHub App that an organization has installed. */
export interface InstalledApp {
  appId: number;
  /** PEM. */
  privateKey: string;
  organization: string;
  /** If absent, GitHub is asked for it. */
  installationId?: number;
}

export interface TokenOptions {
  clock: Clock;
  /** How long it takes, at most, until all of GitHub accepts a new token. */
  newTokenDelayMs: number;
}

type Authenticate = ReturnType<typeof createAppAuth>;

const Installation = z.object({ id: z.int() });

/**
 * Authenticates each request of a client by a token of the installation. Tokens are valid for an hour and are renewed
 * in time. If GitHub rejects a token nevertheless, the request is sent once more with a new one.
 * It is added last, around the attempts of `retrying`, because the request for a token has attempts of its own.
 * The client throws SyncError `GitHubCredentialsRejected` if GitHub issues no token.
 */
export function showInstallation(
  github: Octokit,
  { appId, privateKey, organization, installationId: known }: InstalledApp,
  { clock, newTokenDelayMs }: TokenOptions,
): void {
  const authenticate = createAppAuth({ appId, privateKey, request: github.request, log: github.log });
  let installationId = known === undefined ? undefined : Promise.resolve(known);

  const getToken = async ({ refresh }: { refresh: boolean }): Promise<string> => {
    try {
      installationId ??= findInstallation(github, authenticate, organization).catch((error: unknown) => {
        // The next request asks again.
        installationId = undefined;
        throw error;
      });
      const options = { type: 'installation', installationId: await installationId, refresh } as const;
      return (await authenticate(options)).token;
    } catch (error) {
      throw tokenError(error, clock);
    }
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
      if (!(error instanceof RequestError) || error.status !== 401) throw error;
    }
    // Another request may have renewed the token meanwhile.
    const current = await getToken({ refresh: false });
    const newToken = current === token ? await getToken({ refresh: true }) : current;
    await delay(newTokenDelayMs);
    return sendWith(newToken);
  });
}

async function findInstallation(
  { request }: Octokit,
  authenticate: Authenticate,
  org: string,
): Promise<number> {
  const { token } = await authenticate({ type: 'app' });
  const headers = { authorization: `bearer ${token}` };
  return parseAnswer(await request('GET /orgs/{org}/installation', { org, headers }), Installation).id;
}

/** The error for the request that needs the token. A 404 here says nothing about the repository of that request. */
function tokenError(error: unknown, clock: Clock): unknown {
  const failed = failedRequest(error, clock);
  switch (failed.meaning.kind) {
    case 'unavailable':
      return error;
    case 'rate-limited':
      return bankError(error, failed);
    default:
      return new SyncError(
        'GitHubCredentialsRejected',
        `GitHub issued no token for the App: ${withRequestId(failed)}`,
        { cause: error, details: detailsOf(failed) },
      );
  }
}
