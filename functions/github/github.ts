import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';
import type { Clock } from '../shared/clock.ts';
import type { RequestCounts } from '../shared/contract/requests.ts';
import type { Deferral } from '../shared/deferral.ts';
import type { SharedWaits } from '../shared/github-waits.ts';
import { type Pause, pauseInRealTime, type RetryLog } from './backoff.ts';
import { counting } from './counting.ts';
import { type AppAuthorization, type InstalledApp, showInstallation } from './installation.ts';
import type { GitHubLimits } from './limits.ts';
import { type Predecessor, pacing } from './pacing.ts';
import { createQuerySizes, type QuerySizes } from './query-size.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { reserving } from './reserving.ts';
import { isObject } from './responses.ts';
import { retrying } from './retrying.ts';
import { redirectSentence, sender } from './sending.ts';
import type { Stopwatch } from './stopwatch.ts';
import { retryUnauthorized } from './unauthorized.ts';
import { createWaits, holdingBack, type Waits } from './waits.ts';

export type GitHub = Octokit & {
  /** Whether it authenticates by tokens of an App's installation. */
  readonly isInstallation: boolean;
  /** Authenticates as the App itself; undefined for a token. */
  readonly appAuthorization: AppAuthorization | undefined;
  /** The limits that it keeps. */
  readonly limits: GitHubLimits | 'off';
  /** Node ids of repositories for which GitHub failed to answer queries while it answered others. */
  readonly unanswered: Set<string>;
  /** Counts all requests since it was created. */
  readonly requestsSent: () => RequestCounts;
  readonly retryLog: RetryLog['log'];
  readonly refusals: Refusals;
  readonly waits: Waits;
  readonly pause: Pause;
  readonly querySizes: QuerySizes;
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
  /** Measures how long queries take, in real time by default. */
  stopwatch?: Stopwatch;
  /** Repositories in the first query for heads. */
  querySize?: number | undefined;
  /** Whether another client with the same share may have sent queries within the last minute; `none` by default. */
  predecessor?: Predecessor | undefined;
  requestTimeoutMs?: number;
  /** How often a request without an answer is retried. */
  retries?: number;
  /** Waits before a request is repeated; in real time by default. */
  pause?: Pause;
  /** Where retries are logged; nowhere by default. */
  log?: RetryLog['log'];
  /** Where waits are shared with other clients; nowhere by default. */
  sharedWaits?: SharedWaits | undefined;
}

export type GitHubOptions = ClientOptions & ({ token: string } | { app: InstalledApp });

// GitHub itself ends a request after 10 s.
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_QUESTION_TIMEOUT_MS = 10_000;
// After 1 s and 4 s. Three timeouts, these waits and the question whether GitHub is up make 60 s. run-step.ts stops early
// enough for that.
const RETRIES = 2;

const SYSTEM_CLOCK: Clock = { now: () => new Date(), random: Math.random };
const ignore = (): void => {};

/**
 * A client that sends requests as fast as its share of the limits allows, retries those without an answer, and leaves
 * longer waits to its caller. Its requests throw what Octokit's requests throw, and a DeferredError when the reserve is
 * reached, while GitHub's wait lasts, and when GitHub does not answer at all.
 */
export function createGitHub(options: GitHubOptions): GitHub {
  const { apiUrl, limits = 'off', workers = 1, clock = SYSTEM_CLOCK } = options;
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS, retries = RETRIES } = options;
  const { pause = pauseInRealTime, log = { info: ignore } } = options;
  const { stopwatch = () => performance.now(), predecessor = 'none' } = options;
  const share = { workers, stopwatch, predecessor };
  const limiting = limits === 'off' ? [] : [reserving(limits, clock), pacing({ limits, ...share })];
  const waits = createWaits(options.sharedWaits);
  const refusals = createRefusals(waits);
  const waiting = { ...clock, github: { refusals, waits } };
  const ask = sender(apiUrl, Math.min(requestTimeoutMs, MAX_QUESTION_TIMEOUT_MS));
  // Each plugin wraps those before it.
  const Client = Octokit.plugin(
    counting(stopwatch),
    requireAnswer,
    ({ hook }) => hook.after('request', refusals.succeeded),
    forgetBodies,
    holdingBack(waits, clock),
    ...limiting,
    retrying({ retries, log, clock, pause, waits, ask }),
  );
  const github = new Client({
    baseUrl: apiUrl,
    userAgent: 'item-synchronization',
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    request: { fetch: sender(apiUrl, requestTimeoutMs) },
    ...('token' in options && { auth: options.token }),
  });
  const tokenRetry = { log, clock: waiting, pause };
  const appAuthorization = 'app' in options ? showInstallation(github, options.app, tokenRetry) : undefined;
  if (!appAuthorization) retryUnauthorized(github, tokenRetry);
  return Object.assign(github, {
    isInstallation: 'app' in options,
    appAuthorization,
    limits,
    unanswered: new Set<string>(),
    retryLog: log,
    refusals,
    waits,
    pause,
    querySizes: createQuerySizes(options.querySize),
  });
}

/**
 * Throws for a redirect that was not followed, for a proxy's HTML page and for a truncated body, whatever the status.
 * Octokit would return them as successful answers.
 */
function requireAnswer({ hook }: Pick<Octokit, 'hook'>): void {
  hook.after('request', (response, options) => {
    const { status, headers, url } = response;
    if (status === 204) return;
    // Octokit passes the route with the names of its parameters. The data is left out because a truncated body may
    // contain a new token.
    const [request, withoutData] = [
      { ...options, url },
      { ...response, data: undefined },
    ];
    const fail = (message: string): never => {
      throw new RequestError(message, status, { request, response: withoutData });
    };
    if (status >= 300) fail(redirectSentence(url, headers.location));
    if (!isObject(response.data)) return fail('the answer is not JSON');
    const { errors = [] } = response.data;
    if (Array.isArray(errors) && errors.every((error) => isObject(error) && !Array.isArray(error))) return;
    fail('the errors of the answer are malformed');
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
