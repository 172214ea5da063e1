import { RequestError } from '@octokit/request-error';
import type { Failure, Reason } from '../shared/contract/job-execution.ts';
import { DeferredError } from '../shared/deferral.ts';
import { SyncError } from '../shared/errors.ts';
import { faultsOf } from '../shared/faults.ts';
import type { NamedCause } from '../shared/github-waits.ts';
import type * as z from '../shared/zod.ts';
import { isNotSent, noAnswer } from './no-answer.ts';
import { HTML, isAboutLimits, isExplained } from './refusals.ts';
import { resumeAt, type Waiting } from './resume-at.ts';

export type ResponseHeaders = Readonly<Record<string, string | number | undefined>>;

/** A response that is not a success. GraphQL errors are given the status that REST would have. */
export interface ErrorResponse {
  status: number;
  headers: ResponseHeaders;
  message: string;
}

/** What an ErrorResponse means for the work. */
export type Meaning =
  | { kind: 'rate-limited'; resumeAt: Date }
  | { kind: 'credentials-rejected' }
  | { kind: 'archived' }
  | { kind: 'forbidden' }
  | { kind: 'not-found' }
  | { kind: 'refused' }
  /** A redirect that was not followed: it leads to another host, or would turn a write into a read. */
  | { kind: 'redirected' }
  | { kind: 'unavailable' }
  /** The request was not sent. */
  | { kind: 'not-sent' };

interface Rule {
  /** First and last status code. */
  statuses: readonly [number, number];
  message?: RegExp;
  means: Exclude<Meaning['kind'], 'rate-limited' | 'not-sent'>;
}

/** The first matching rule applies. Rate limits have been recognized before. */
const RULES: readonly Rule[] = [
  { statuses: [300, 399], means: 'redirected' },
  { statuses: [400, 499], message: HTML, means: 'unavailable' },
  { statuses: [401, 401], means: 'credentials-rejected' },
  { statuses: [403, 403], message: /archived/i, means: 'archived' },
  { statuses: [403, 403], means: 'forbidden' },
  { statuses: [404, 404], means: 'not-found' },
  // From a proxy that did not receive the request in time.
  { statuses: [408, 408], means: 'unavailable' },
  { statuses: [410, 410], means: 'not-found' },
  { statuses: [451, 451], means: 'not-found' },
  { statuses: [400, 499], means: 'refused' },
];

/**
 * Rate limits are read in GitHub's own order: `retry-after`, then `x-ratelimit-reset`, then growing waits from a minute
 * up.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export function classify({ status, headers, message }: ErrorResponse, waiting: Waiting): Meaning {
  if (status === 403 || status === 429) {
    const retryAfter = numberIn(headers, 'retry-after');
    const reset = numberIn(headers, 'x-ratelimit-reset');
    const resource = String(headers['x-ratelimit-resource']);
    if (retryAfter !== undefined) {
      const named = new Date(waiting.now().getTime() + retryAfter * 1_000);
      return { kind: 'rate-limited', resumeAt: resumeAt(named, waiting) };
    }
    if (numberIn(headers, 'x-ratelimit-remaining') === 0) {
      const named = reset === undefined ? undefined : new Date(reset * 1_000);
      return { kind: 'rate-limited', resumeAt: resumeAt(named, waiting, QUOTAS[resource] ?? 'named') };
    }
    // GitHub sends this undocumented header with some secondary rate limits.
    if (status === 429 || headers['gh-limited-by'] !== undefined || isAboutLimits(message)) {
      return { kind: 'rate-limited', resumeAt: resumeAt(undefined, waiting) };
    }
  }
  const rule = RULES.find(
    ({ statuses: [first, last], message: pattern }) =>
      first <= status && status <= last && (pattern?.test(message) ?? true),
  );
  return { kind: rule?.means ?? 'unavailable' };
}

/** GitHub's names of the quotas. */
const QUOTAS: Readonly<Record<string, NamedCause>> = { core: 'restQuota', graphql: 'graphqlQuota' };

function numberIn(headers: ResponseHeaders, name: string): number | undefined {
  const value = headers[name];
  return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
}

/** A failed request. The message contains no token, no query string and no request body. */
export interface FailedRequest {
  meaning: Meaning;
  message: string;
  /** GitHub's id of the request, which its support asks for. */
  githubRequestId?: string;
  /** Set for a 403 without a reason, which may turn out to be a rate limit. */
  isUnexplained?: true;
}

/** @throws `error` itself unless it is a failed request to GitHub. */
export function failedRequest(error: unknown, waiting: Waiting): FailedRequest {
  if (!(error instanceof RequestError)) throw error;
  const { status, message, request, response } = error;
  // Octokit reports the whole URL, its plugins report the route, such as `/graphql`.
  const path = URL.parse(request.url)?.pathname ?? request.url;
  const route = `${request.method} ${path}`;
  // Octokit reports status 500 if there was no response.
  if (!response) {
    const meaning = { kind: isNotSent(error) ? 'not-sent' : 'unavailable' } as const;
    return { meaning, message: `${route}: ${noAnswer(error)}` };
  }
  const { headers } = response;
  const failed: FailedRequest = {
    meaning: classify({ status, headers, message }, waiting),
    message: `${route}: ${status} ${shortMessage(message)}`,
    ...requestIdIn(headers),
  };
  if (failed.meaning.kind !== 'forbidden' || isExplained(message)) return failed;
  // Reads of single repositories are refused one by one. Anything else concerns many repositories at once.
  const repository = request.method === 'GET' ? REPOSITORY.exec(path)?.[0] : undefined;
  const resumeAt = waiting.github?.refusals.resumeAfterSuspicion({ repository, message }, waiting);
  if (!resumeAt) return { ...failed, isUnexplained: true };
  return {
    ...failed,
    meaning: { kind: 'rate-limited', resumeAt },
    message: `${failed.message} (GitHub explains nothing, so this may be a rate limit)`,
  };
}

const REPOSITORY = /\/(?:repos\/[^/]+\/[^/]+|repositories\/\d+)/;

// GitHub's own messages are one sentence. The error page of a proxy fills a screen.
const MAX_MESSAGE_LENGTH = 300;

export function shortMessage(message: string): string {
  if (HTML.test(message)) return 'an HTML page';
  return message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)} …` : message;
}

export function requestIdIn(headers: ResponseHeaders): { githubRequestId?: string } {
  const id = headers['x-github-request-id'];
  return id === undefined ? {} : { githubRequestId: String(id) };
}

/** The message with the request id, for use where there is no field for the id. */
export function withRequestId({
  message,
  githubRequestId,
}: Pick<FailedRequest, 'message' | 'githubRequestId'>): string {
  return githubRequestId === undefined ? message : `${message} (GitHub request id ${githubRequestId})`;
}

/** The details of a SyncError. */
export function detailsOf({ githubRequestId }: { githubRequestId?: string | undefined }) {
  return githubRequestId === undefined ? {} : { githubRequestId };
}

/** The error for a failed request that concerns the whole bank rather than one repository. */
export function bankError(error: unknown, failed: FailedRequest): DeferredError | SyncError {
  const { meaning } = failed;
  const message = withRequestId(failed);
  const details = detailsOf(failed);
  const options = { cause: error, details };
  switch (meaning.kind) {
    case 'rate-limited':
      return new DeferredError({ kind: 'rate-limited', resumeAt: meaning.resumeAt, message, ...details });
    case 'credentials-rejected':
      return new SyncError('GitHubCredentialsRejected', `GitHub rejected the token: ${message}`, options);
    case 'not-found':
      return new SyncError(
        'OrganizationNotFound',
        `the token does not see the organization: ${message}`,
        options,
      );
    case 'forbidden':
      return new SyncError('GitHubRefused', `the token may not read the organization: ${message}`, options);
    case 'redirected':
      return new SyncError(
        'GitHubRedirected',
        `GitHub redirects a request and the redirect is not followed; check githubApiUrl: ${message}`,
        options,
      );
    case 'not-sent':
      return new SyncError(
        'ConfigurationInvalid',
        `a request to GitHub was not possible: ${message}`,
        options,
      );
    case 'archived':
    case 'refused':
    case 'unavailable':
      return new SyncError('GitHubUnavailable', message, options);
  }
}

/**
 * What a failed request means for the one repository that it was about.
 * @param notFound the reason that a 404 stands for there.
 * @throws DeferredError if GitHub asks to wait or is down; SyncError `GitHubCredentialsRejected`.
 */
export function repositoryFailure(error: unknown, failed: FailedRequest, notFound: Reason): Failure {
  const { meaning, isUnexplained: _, ...failure } = failed;
  switch (meaning.kind) {
    case 'rate-limited':
    case 'credentials-rejected':
      throw bankError(error, failed);
    case 'not-found':
      return { reason: notFound, ...failure };
    case 'forbidden':
    case 'archived':
      return { reason: 'FORBIDDEN', ...failure };
    case 'redirected':
      return { reason: 'REDIRECTED', ...failure };
    case 'refused':
    case 'unavailable':
    case 'not-sent':
      return { reason: 'GITHUB_ERROR', ...failure };
  }
}

/** A failed read of one repository. */
export interface FailedReading {
  kind: 'failed';
  failure: Failure;
}

export function failedReading(reason: Reason, message: string): FailedReading {
  return { kind: 'failed', failure: { reason, message } };
}

const undocumented = (faults: string): string => `the answer is not what GitHub documents: ${faults}`;

// In a page of 100 repositories, each may be faulty.
const MAX_FAULTS = 3;

/** The faults of an answer, or of a part of it, each with the name of its field. */
export const answerFaults = (error: z.core.$ZodError): string => faultsOf(error, 'answer', MAX_FAULTS);

/**
 * A reading whose response does not have the documented shape.
 * @param faults names the fields that cannot be read.
 */
export function undocumentedAnswer(faults: string, headers: ResponseHeaders): FailedReading {
  const message = undocumented(faults);
  return { kind: 'failed', failure: { reason: 'GITHUB_ERROR', message, ...requestIdIn(headers) } };
}

/**
 * The error for a response that concerns the whole bank, and does not have the documented shape.
 * @param faults names the fields that cannot be read.
 */
export function undocumentedError(faults: string, headers: ResponseHeaders, cause?: unknown): SyncError {
  const details = requestIdIn(headers);
  const message = withRequestId({ message: undocumented(faults), ...details });
  return new SyncError('GitHubUnavailable', message, { cause, details });
}

/** A successful answer, as Octokit returns it. */
export interface Answer {
  status: number;
  url: string;
  headers: ResponseHeaders;
  data: unknown;
}

/** The error for a successful status whose answer is not what GitHub documents. */
export function unusableAnswer(
  method: 'POST' | 'PATCH',
  { status, url, headers }: Answer,
  message: string,
): RequestError {
  const response = { status, url, headers, data: undefined, retryCount: 0 };
  return new RequestError(message, status, { request: { method, url, headers: {} }, response });
}

/**
 * Parses a response that concerns the whole bank.
 * @throws SyncError `GitHubUnavailable` if the data does not match the schema.
 */
export function parseAnswer<Schema extends z.ZodMiniType>(
  { data, headers = {} }: { data?: unknown; headers?: ResponseHeaders },
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw undocumentedError(answerFaults(parsed.error), headers, parsed.error);
}

export function isObject(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null;
}
