import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';
import type { Clock } from '../shared/clock.ts';
import type { RequestCounts } from '../shared/contract/requests.ts';
import { keepHeaders } from './graphql-headers.ts';
import { type InstalledApp, showInstallation } from './installation.ts';
import { isObject } from './json.ts';
import type { GitHubLimits } from './limits.ts';
import { pacing } from './pacing.ts';
import { reserving } from './reserve.ts';
import { retrying } from './retrying.ts';
import { counting } from './usage.ts';

export type GitHub = Octokit & {
  /** It shows tokens of an App's installation. */
  readonly isInstallation: boolean;
  /** What it keeps to. */
  readonly limits: GitHubLimits | 'off';
  /** What it has sent since it was made. */
  readonly requestsSent: () => RequestCounts;
};

/** Whom to ask, and about which organization. */
export interface BankRequest extends Clock {
  github: GitHub;
  organization: string;
  /** Asked before what got no answer is asked again: why that is to wait, and until when. */
  stop?: () => { resumeAt: Date; why: string } | undefined;
}

interface ClientOptions {
  /** REST base URL: `https://api.github.com`, or `https://<host>/api/v3` of an Enterprise Server. */
  apiUrl: string;
  /** `off`, the default, is for an Enterprise Server without limits. */
  limits?: GitHubLimits | 'off';
  /** How many clients share the limits, from 1, the default, to 10. */
  workers?: number;
  clock?: Clock;
  requestTimeoutMs?: number;
  /** How often a request that got no answer is made again. */
  retries?: number;
  newTokenDelayMs?: number;
}

export type GitHubOptions = ClientOptions & ({ token: string } | { app: InstalledApp });

// GitHub ends a request of its own after 10 s.
const REQUEST_TIMEOUT_MS = 15_000;
// 1 s and 4 s: an answer that is still missing then is trouble with GitHub or with one repository, and is named so.
// With three timeouts that makes 50 s, which is less than the minute that an invocation has left when it stops to begin
// requests.
const RETRIES = 2;
// Octokit's own authentication waits about as long for a new token to be known everywhere.
const NEW_TOKEN_DELAY_MS = 5_000;

const SYSTEM_CLOCK: Clock = { now: () => new Date(), random: Math.random };
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * A client that asks as fast as its share of the limits allows, tries again what got no answer, and leaves it to the
 * caller to wait for longer. Its requests throw what Octokit's throw, and RateLimited once the reserve is reached.
 */
export function createGitHub(options: GitHubOptions): GitHub {
  const { apiUrl, limits = 'off', clock = SYSTEM_CLOCK } = options;
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS, retries = RETRIES } = options;
  // Each encloses what comes before it.
  const Client = Octokit.plugin(
    counting,
    requireJson,
    keepHeaders,
    forgetBodies,
    ...limiting(options),
    retrying(retries),
  );
  const github = new Client({
    baseUrl: apiUrl,
    userAgent: 'item-synchronization',
    log: SILENT,
    request: { fetch: fetchWithin(requestTimeoutMs) },
    ...('token' in options && { auth: options.token }),
  });
  const { newTokenDelayMs = NEW_TOKEN_DELAY_MS } = options;
  if ('app' in options) showInstallation(github, options.app, { clock, newTokenDelayMs });
  return Object.assign(github, { isInstallation: 'app' in options, limits });
}

function limiting({ limits = 'off', workers = 1, clock = SYSTEM_CLOCK }: ClientOptions) {
  return limits === 'off' ? [] : [reserving(limits, clock), pacing({ limits, workers })];
}

/** Node keeps connections open for the next request by itself, and waits five minutes for an answer. */
function fetchWithin(timeoutMs: number) {
  return (url: string, options: RequestInit): Promise<Response> =>
    fetch(url, { ...options, signal: AbortSignal.timeout(timeoutMs) });
}

/**
 * A proxy's page, or a body that broke off, is no answer whatever its status: Octokit hands either on as text, and
 * takes no text for an empty list.
 */
function requireJson({ hook }: Pick<Octokit, 'hook'>): void {
  hook.after('request', (response, options) => {
    if (response.status === 204) return;
    if (!isObject(response.data)) {
      // What broke off may be the answer with a new token.
      const withoutData = { ...response, data: undefined };
      throw new RequestError('the answer is not JSON', 502, { request: options, response: withoutData });
    }
    // Octokit's GraphQL client takes them for what they should be, and would end in a TypeError.
    const { errors = [] } = response.data;
    if (Array.isArray(errors) && errors.every(isObject)) return;
    throw new RequestError('the errors of the answer are no errors', 502, { request: options, response });
  });
}

/** An error goes into the log with all that it holds. What was sent holds the webhook secret. */
function forgetBodies({ hook }: Pick<Octokit, 'hook'>): void {
  hook.error('request', (error) => {
    if (error instanceof RequestError) {
      const { method, url, headers, request = {} } = error.request;
      error.request = { method, url, headers, request };
    }
    throw error;
  });
}
