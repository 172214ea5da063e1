import { retry } from '@octokit/plugin-retry';
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

const RetryingOctokit = Octokit.plugin(retry);
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export function createGitHub({ apiUrl, token }: GitHubOptions): GitHub {
  return new RetryingOctokit({
    baseUrl: apiUrl,
    auth: token,
    userAgent: 'item-synchronization',
    log: SILENT,
    request: { retries: RETRIES, fetch: fetchWithTimeout },
    // A rate limit is for the state machine to wait out, not for a paid function.
    retry: { doNotRetry: [400, 401, 403, 404, 410, 422, 429, 451] },
  });
}

function fetchWithTimeout(url: string, options: RequestInit): Promise<Response> {
  return fetch(url, { ...options, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
}
