import { GraphqlResponseError } from '@octokit/graphql';
import { RequestError } from '@octokit/request-error';
import type { Clock } from '../shared/clock.ts';
import type { Failure, Reason } from '../shared/contract/job-execution.ts';
import { SyncError } from '../shared/errors.ts';
import { resumeAt } from './waits.ts';

/** What an answer of GitHub that is not the wanted one means for the work. */
export type Trouble =
  | { kind: 'rate-limited'; resumeAt: Date }
  | { kind: 'credentials-rejected' }
  | { kind: 'archived' }
  | { kind: 'forbidden' }
  | { kind: 'not-found' }
  | { kind: 'refused' }
  | { kind: 'unavailable' };

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | number | undefined>>;
  message: string;
}

interface Rule {
  when: (answer: Answer) => boolean;
  means: (answer: Answer, clock: Clock) => Trouble;
}

const isLimitStatus = ({ status }: Answer): boolean => status === 403 || status === 429;
// GitHub's API answers in JSON. A page comes from what stands before it, and says nothing of GitHub.
const isPage = ({ message }: Pick<Answer, 'message'>): boolean => message.trimStart().startsWith('<');
const header = ({ headers }: Answer, name: string): number | undefined => {
  const value = headers[name];
  return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
};
const rateLimited = (named: Date | undefined, clock: Clock): Trouble => ({
  kind: 'rate-limited',
  resumeAt: resumeAt(named, clock),
});

/**
 * The first rule that fits holds. The order of the limits is GitHub's own: `retry-after`, then
 * `x-ratelimit-reset`, then a minute.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
const RULES: readonly Rule[] = [
  {
    when: (answer) => isLimitStatus(answer) && header(answer, 'retry-after') !== undefined,
    means: (answer, clock) =>
      rateLimited(new Date(clock.now().getTime() + (header(answer, 'retry-after') ?? 0) * 1_000), clock),
  },
  {
    when: (answer) => isLimitStatus(answer) && header(answer, 'x-ratelimit-remaining') === 0,
    means: (answer, clock) => {
      const reset = header(answer, 'x-ratelimit-reset');
      return rateLimited(reset === undefined ? undefined : new Date(reset * 1_000), clock);
    },
  },
  {
    when: (answer) => answer.status === 429 || (answer.status === 403 && /rate limit/i.test(answer.message)),
    means: (_, clock) => rateLimited(undefined, clock),
  },
  { when: isPage, means: () => ({ kind: 'unavailable' }) },
  { when: ({ status }) => status === 401, means: () => ({ kind: 'credentials-rejected' }) },
  {
    when: ({ status, message }) => status === 403 && /archived/i.test(message),
    means: () => ({ kind: 'archived' }),
  },
  { when: ({ status }) => status === 403, means: () => ({ kind: 'forbidden' }) },
  {
    when: ({ status }) => status === 404 || status === 410 || status === 451,
    means: () => ({ kind: 'not-found' }),
  },
  { when: ({ status }) => status >= 400 && status < 500, means: () => ({ kind: 'refused' }) },
];

export function troubleOf(answer: Answer, clock: Clock): Trouble {
  const rule = RULES.find(({ when }) => when(answer));
  return rule ? rule.means(answer, clock) : { kind: 'unavailable' };
}

/** A failed request, told in a way that names no token. */
export interface GitHubFailure {
  trouble: Trouble;
  message: string;
  githubRequestId?: string;
}

/** GitHub's id of the request, which its support asks for. */
export function requestIdIn(headers: Answer['headers']): { githubRequestId?: string } {
  const id = headers['x-github-request-id'];
  return id === undefined ? {} : { githubRequestId: String(id) };
}

/**
 * What the `type` of a GraphQL error, which arrives with HTTP status 200, corresponds to in REST.
 * https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
 */
const GRAPHQL_STATUS: Readonly<Record<string, number>> = {
  NOT_FOUND: 404,
  FORBIDDEN: 403,
  INSUFFICIENT_SCOPES: 403,
  RATE_LIMIT: 429,
  RATE_LIMITED: 429,
};

/** @throws whatever is not a failed request to GitHub, as it is. */
export function failureOf(error: unknown, clock: Clock): GitHubFailure {
  if (error instanceof GraphqlResponseError) return graphqlFailure(error, clock);
  if (!(error instanceof RequestError)) throw error;
  const { status, message, request, response } = error;
  const headers = response?.headers ?? {};
  return {
    // Octokit gives a request that got no answer the status 500.
    trouble: troubleOf({ status, headers, message }, clock),
    message: `${request.method} ${pathOf(request.url)}: ${status} ${brief(message)}`,
    ...requestIdIn(headers),
  };
}

// GitHub's own messages are a sentence. An error page of what stands before it is a screenful.
const LONGEST_MESSAGE = 300;

function brief(message: string): string {
  if (isPage({ message })) return 'an HTML page';
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)} …` : message;
}

/** Octokit's plugins tell of a request by its route, `/graphql`, where Octokit itself has the whole URL. */
function pathOf(url: string): string {
  return URL.parse(url)?.pathname ?? url;
}

/** A limit ends everything, wherever it stands among the errors; else the first one speaks for all. */
function graphqlFailure({ errors, headers }: GraphqlResponseError<unknown>, clock: Clock): GitHubFailure {
  const all: readonly (GraphqlError | null)[] = Array.isArray(errors) ? errors : [];
  const limit = all.find((error) => error && statusOf(error) === 429);
  return graphqlErrorFailure(limit ?? all[0] ?? {}, headers, clock);
}

/** One of the errors of a GraphQL answer. */
export interface GraphqlError {
  type?: string | undefined;
  message?: string | undefined;
}

export function graphqlErrorFailure(
  error: GraphqlError,
  headers: Answer['headers'],
  clock: Clock,
): GitHubFailure {
  const { message = 'GraphQL errors without a message' } = error;
  return {
    trouble: troubleOf({ status: statusOf(error), headers, message }, clock),
    message: `POST /graphql: ${brief(message)}`,
    ...requestIdIn(headers),
  };
}

function statusOf({ type = '', message = '' }: GraphqlError): number {
  // A secondary limit is told by the message alone.
  return GRAPHQL_STATUS[type] ?? (/rate limit/i.test(message) ? 429 : 200);
}

/** The work stops here: what is left goes on at `resumeAt`. */
export class Interrupted extends Error {
  override readonly name: string = 'Interrupted';
  readonly resumeAt: Date;

  constructor(resumeAt: Date, message: string) {
    super(message);
    this.resumeAt = resumeAt;
  }
}

/** GitHub asks to wait. */
export class RateLimited extends Interrupted {
  override readonly name = 'RateLimited';
  /** Of the answer that says so. */
  readonly githubRequestId: string | undefined;

  constructor(resumeAt: Date, message: string, answer: Pick<GitHubFailure, 'githubRequestId'> = {}) {
    super(resumeAt, message);
    this.githubRequestId = answer.githubRequestId;
  }
}

/** What a failed request is told as, where nothing else names the request. */
export function toldWithId({ message, githubRequestId }: Omit<GitHubFailure, 'trouble'>): string {
  return githubRequestId === undefined ? message : `${message} (GitHub request id ${githubRequestId})`;
}

/** Trouble that concerns the whole bank rather than one repository. */
export function bankTrouble(error: unknown, failure: GitHubFailure): Error {
  const { trouble } = failure;
  const message = toldWithId(failure);
  const why = becauseOf(error, failure);
  switch (trouble.kind) {
    case 'rate-limited':
      return new RateLimited(trouble.resumeAt, message, failure);
    case 'credentials-rejected':
      return new SyncError('GitHubCredentialsRejected', `GitHub does not accept the token: ${message}`, why);
    case 'not-found':
    case 'forbidden':
      return new SyncError(
        'OrganizationNotFound',
        `the token does not see the organization: ${message}`,
        why,
      );
    default:
      return new SyncError('GitHubUnavailable', message, why);
  }
}

/** What a SyncError keeps of a failed request. */
export function becauseOf(cause: unknown, failure: GitHubFailure) {
  return { cause, details: detailsOf(failure) };
}

export function detailsOf({ githubRequestId }: { githubRequestId?: string | undefined }) {
  return githubRequestId === undefined ? {} : { githubRequestId };
}

/**
 * What a failed request means for the one repository that it was about. `notFound` is what a 404 means there.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export function repositoryTrouble(error: unknown, failure: GitHubFailure, notFound: Reason): Failure {
  const { trouble: _, ...told } = failure;
  return { reason: reasonOf(error, failure, notFound), ...told };
}

function reasonOf(error: unknown, failure: GitHubFailure, notFound: Reason): Reason {
  switch (failure.trouble.kind) {
    case 'rate-limited':
    case 'credentials-rejected':
      throw bankTrouble(error, failure);
    case 'not-found':
      return notFound;
    case 'forbidden':
    case 'archived':
      return 'FORBIDDEN';
    case 'refused':
    case 'unavailable':
      return 'GITHUB_ERROR';
  }
}
