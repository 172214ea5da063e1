import { setTimeout as delay } from 'node:timers/promises';
import { createAppAuth } from '@octokit/auth-app';
import { RequestError } from '@octokit/request-error';
import type { Octokit } from '@octokit/rest';
import type { Clock } from '../shared/clock.ts';
import { SyncError } from '../shared/errors.ts';
import { bankTrouble, becauseOf, failureOf, toldWithId } from './github-answers.ts';
import { isByApp } from './request-kinds.ts';

/** A GitHub App that an organization has installed. */
export interface InstalledApp {
  appId: number;
  /** PEM. */
  privateKey: string;
  organization: string;
  /** GitHub is asked for it where it is not known. */
  installationId?: number;
}

export interface TokenOptions {
  clock: Clock;
  /** How long GitHub takes, at most, until every part of it knows a new token. */
  newTokenDelayMs: number;
}

type Authenticate = ReturnType<typeof createAppAuth>;

/**
 * Has each request of a client show a token of the installation. Tokens are good for an hour, and are renewed before
 * it is over, so that a client works for as long as it lives. A request whose token GitHub does not take all the same
 * is made once more with a new one.
 * To be added last, around the attempts of `retrying`: the request for a token has attempts of its own.
 * The client throws SyncError `GitHubCredentialsRejected` when GitHub gives the App no token.
 */
export function showInstallation(github: Octokit, app: InstalledApp, options: TokenOptions): void {
  const tokens = createTokens(github, app, options);
  github.hook.wrap('request', async (request, asked) => {
    if (isByApp(asked)) return request(asked);
    const { headers } = asked;
    const showing = (token: string) => {
      // Hooks see changes of the options that they share, and no other options.
      Object.assign(asked, { headers: { ...headers, authorization: `token ${token}` } });
      return request(asked);
    };
    const token = await tokens.current();
    try {
      return await showing(token);
    } catch (error) {
      if (!(error instanceof RequestError) || error.status !== 401) throw error;
    }
    return showing(await tokens.after(token));
  });
}

interface Tokens {
  current(): Promise<string>;
  /** The one that comes after a token which GitHub does not take. */
  after(rejected: string): Promise<string>;
}

function createTokens(
  github: Octokit,
  { appId, privateKey, organization, installationId: known }: InstalledApp,
  { clock, newTokenDelayMs }: TokenOptions,
): Tokens {
  const authenticate = createAppAuth({ appId, privateKey, request: github.request, log: github.log });
  const find = remembering(() => findInstallation(github, authenticate, organization));
  const get = async ({ refresh }: { refresh: boolean }): Promise<string> => {
    try {
      const installationId = known ?? (await find());
      const { token } = await authenticate({ type: 'installation', installationId, refresh });
      return token;
    } catch (error) {
      throw withoutToken(error, clock);
    }
  };
  return {
    current: () => get({ refresh: false }),
    async after(rejected) {
      // Another request may have renewed it already.
      const current = await get({ refresh: false });
      const token = current === rejected ? await get({ refresh: true }) : current;
      await delay(newTokenDelayMs);
      return token;
    },
  };
}

/** Finds something once, and again only where that failed. */
function remembering<Found>(find: () => Promise<Found>): () => Promise<Found> {
  let found: Promise<Found> | undefined;
  return () => {
    found ??= find().catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
}

async function findInstallation(
  { request }: Octokit,
  authenticate: Authenticate,
  org: string,
): Promise<number> {
  const { token } = await authenticate({ type: 'app' });
  const headers = { authorization: `bearer ${token}` };
  const { data } = await request('GET /orgs/{org}/installation', { org, headers });
  return data.id;
}

/** Never what it is for the request that needs the token: a 404 here says nothing of that repository. */
function withoutToken(error: unknown, clock: Clock): unknown {
  const failure = failureOf(error, clock);
  switch (failure.trouble.kind) {
    case 'unavailable':
      return error;
    case 'rate-limited':
      return bankTrouble(error, failure);
    default:
      return new SyncError(
        'GitHubCredentialsRejected',
        `GitHub gives the App no token: ${toldWithId(failure)}`,
        becauseOf(error, failure),
      );
  }
}
