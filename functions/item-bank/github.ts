import { retry } from '@octokit/plugin-retry';
import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';

export type GitHub = Octokit;

export interface GitHubOptions {
  /** REST base URL: `https://api.github.com`, or `https://<host>/api/v3` of an Enterprise Server. */
  apiUrl: string;
  token: string;
}

// GitHub ends a request of its own after 10 s.
const REQUEST_TIMEOUT_MS = 30_000;
// 1 s and 4 s: an answer that is still missing then is trouble with GitHub or with one repository, and is named so.
const RETRIES = 2;

// The retries enclose what comes before them.
const RetryingOctokit = Octokit.plugin(requireJson, retry);
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export function createGitHub({ apiUrl, token }: GitHubOptions): GitHub {
  return new RetryingOctokit({
    baseUrl: apiUrl,
    auth: token,
    userAgent: 'item-synchronization',
    log: SILENT,
    request: { fetch: fetchWithTimeout },
    // A rate limit is for the state machine to wait out, not for a paid function. `retries` belongs here: as an
    // option of each request, which the plugin takes too, it holds for the statuses not to be retried as well.
    retry: { retries: RETRIES, doNotRetry: [400, 401, 403, 404, 410, 422, 429, 451] },
  });
}

function fetchWithTimeout(url: string, options: RequestInit): Promise<Response> {
  return fetch(url, { ...options, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
}

/**
 * A proxy's page, or a body that broke off, is no answer whatever its status: Octokit hands either on as text, and
 * takes no text for an empty list.
 */
function requireJson({ hook }: Pick<Octokit, 'hook'>): void {
  hook.after('request', (response, options) => {
    const isJson = typeof response.data === 'object' && response.data !== null;
    if (isJson || response.status === 204) return;
    throw new RequestError('the answer is not JSON', 502, { request: options, response });
  });
}
