import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';
import type { Clock } from '../shared/clock.ts';
import type { RequestCounts } from '../shared/contract/requests.ts';
import type { Deferral } from '../shared/deferral.ts';
import { counting } from './counting.ts';
import { type InstalledApp, showInstallation } from './installation.ts';
import type { GitHubLimits } from './limits.ts';
import { pacing } from './pacing.ts';
import { reserving } from './reserving.ts';
import { isObject } from './responses.ts';
import { retrying } from './retrying.ts';

export type GitHub = Octokit & {
  /** Whether it authenticates by tokens of an App's installation. */
  readonly isInstallation: boolean;
  /** The limits that it keeps. */
  readonly limits: GitHubLimits | 'off';
  /** Counts all requests since it was created. */
  readonly requestsSent: () => RequestCounts;
};

/** What a read of the bank needs. */
export interface GitHubContext extends Clock {
  github: GitHub;
  organization: string;
  /**
   * Called before an unanswered query is sent again, and between the requests of a long reading. If it returns a
   * deferral, nothing more is sent.
   */
  stop?: () => Deferral | undefined;
}

interface ClientOptions {
  /** REST base URL: `https://api.github.com`, or `https://<host>/api/v3` of an Enterprise Server. */
  apiUrl: string;
  /** Default `off`, which is for an Enterprise Server without limits. */
  limits?: GitHubLimits | 'off';
  /** How many clients share the limits: 1, the default, to 10. */
  workers?: number;
  clock?: Clock;
  requestTimeoutMs?: number;
  /** How often a request without an answer is retried. */
  retries?: number;
  newTokenDelayMs?: number;
}

export type GitHubOptions = ClientOptions & ({ token: string } | { app: InstalledApp });

// GitHub itself ends a request after 10 s.
const REQUEST_TIMEOUT_MS = 15_000;
// After 1 s and 4 s. With three timeouts this makes 50 s, less than the minute that an invocation has left when it
// stops sending requests.
const RETRIES = 2;
// Octokit's own authentication waits about as long until all of GitHub accepts a new token.
const NEW_TOKEN_DELAY_MS = 5_000;

const SYSTEM_CLOCK: Clock = { now: () => new Date(), random: Math.random };
const ignore = (): void => {};

/**
 * A client that sends requests as fast as its share of the limits allows, retries those without an answer, and leaves
 * longer waits to its caller. Its requests throw what Octokit's requests throw, and a DeferredError when the reserve is
 * reached.
 */
export function createGitHub(options: GitHubOptions): GitHub {
  const { apiUrl, limits = 'off', workers = 1, clock = SYSTEM_CLOCK } = options;
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS, retries = RETRIES } = options;
  const { newTokenDelayMs = NEW_TOKEN_DELAY_MS } = options;
  const limiting = limits === 'off' ? [] : [reserving(limits, clock), pacing({ limits, workers })];
  // Each plugin wraps those before it.
  const Client = Octokit.plugin(counting, requireJson, forgetBodies, ...limiting, retrying(retries));
  const github = new Client({
    baseUrl: apiUrl,
    userAgent: 'item-synchronization',
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    request: {
      // Node keeps connections open by itself, but waits five minutes for an answer.
      fetch: (url: string, init: RequestInit): Promise<Response> =>
        fetch(url, { ...init, signal: AbortSignal.timeout(requestTimeoutMs) }),
    },
    ...('token' in options && { auth: options.token }),
  });
  if ('app' in options) showInstallation(github, options.app, { clock, newTokenDelayMs });
  return Object.assign(github, { isInstallation: 'app' in options, limits });
}

/**
 * Treats a proxy's page and a truncated body like a bad gateway, whatever their status. Octokit would return either as
 * a string.
 */
function requireJson({ hook }: Pick<Octokit, 'hook'>): void {
  hook.after('request', (response, options) => {
    if (response.status === 204) return;
    if (!isObject(response.data)) {
      // The data is left out because a truncated body may contain a new token.
      const withoutData = { ...response, data: undefined };
      throw new RequestError('the answer is not JSON', 502, { request: options, response: withoutData });
    }
    const { errors = [] } = response.data;
    if (Array.isArray(errors) && errors.every((error) => isObject(error) && !Array.isArray(error))) return;
    throw new RequestError('the errors of the answer are malformed', 502, { request: options, response });
  });
}

/** Errors are logged with everything they hold, and the body of a request may hold the webhook secret. */
function forgetBodies({ hook }: Pick<Octokit, 'hook'>): void {
  hook.error('request', (error) => {
    if (error instanceof RequestError) {
      const { method, url, headers, request = {} } = error.request;
      error.request = { method, url, headers, request };
    }
    throw error;
  });
}
