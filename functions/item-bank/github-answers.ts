import { GraphqlResponseError } from '@octokit/graphql';
import { RequestError } from '@octokit/request-error';
import { SyncError } from '../errors.ts';

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
  means: (answer: Answer, now: Date) => Trouble;
}

// GitHub asks for at least a minute where it names no time.
const UNNAMED_WAIT_MS = 60_000;
const isLimitStatus = ({ status }: Answer): boolean => status === 403 || status === 429;
const header = ({ headers }: Answer, name: string): number | undefined => {
  const value = headers[name];
  return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
};
// A time that has passed by our clock, or no time at all, would have the state machine turn in circles.
const SHORTEST_WAIT_MS = 5_000;
const rateLimited = (resumeAt: Date, now: Date): Trouble => ({
  kind: 'rate-limited',
  resumeAt: new Date(Math.max(resumeAt.getTime(), now.getTime() + SHORTEST_WAIT_MS)),
});

/**
 * The first rule that fits holds. The order of the limits is GitHub's own: `retry-after`, then
 * `x-ratelimit-reset`, then a minute.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
const RULES: readonly Rule[] = [
  { when: ({ status }) => status === 401, means: () => ({ kind: 'credentials-rejected' }) },
  {
    when: (answer) => isLimitStatus(answer) && header(answer, 'retry-after') !== undefined,
    means: (answer, now) =>
      rateLimited(new Date(now.getTime() + (header(answer, 'retry-after') ?? 0) * 1_000), now),
  },
  {
    when: (answer) => isLimitStatus(answer) && header(answer, 'x-ratelimit-remaining') === 0,
    means: (answer, now) => {
      const reset = header(answer, 'x-ratelimit-reset');
      return rateLimited(
        reset === undefined ? new Date(now.getTime() + UNNAMED_WAIT_MS) : new Date(reset * 1_000),
        now,
      );
    },
  },
  {
    when: (answer) => answer.status === 429 || (answer.status === 403 && /rate limit/i.test(answer.message)),
    means: (_, now) => rateLimited(new Date(now.getTime() + UNNAMED_WAIT_MS), now),
  },
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

export function troubleOf(answer: Answer, now: Date): Trouble {
  const rule = RULES.find(({ when }) => when(answer));
  return rule ? rule.means(answer, now) : { kind: 'unavailable' };
}

/** A failed request, told in a way that names no token. */
export interface GitHubFailure {
  trouble: Trouble;
  message: string;
  /** GitHub's support asks for it. */
  requestId?: string;
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
export function failureOf(error: unknown, now: Date): GitHubFailure {
  if (error instanceof GraphqlResponseError) return graphqlFailure(error, now);
  if (!(error instanceof RequestError)) throw error;
  const { status, message, request, response } = error;
  const headers = response?.headers ?? {};
  const requestId = headers['x-github-request-id'];
  return {
    // Octokit gives a request that got no answer the status 500.
    trouble: troubleOf({ status, headers, message }, now),
    message: `${request.method} ${pathOf(request.url)}: ${status} ${brief(message)}`,
    ...(requestId !== undefined && { requestId: String(requestId) }),
  };
}

// GitHub's own messages are a sentence. An error page of what stands before it is a screenful.
const LONGEST_MESSAGE = 300;

function brief(message: string): string {
  if (message.trimStart().startsWith('<')) return 'an HTML page';
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)} …` : message;
}

/** Octokit's plugins tell of a request by its route, `/graphql`, where Octokit itself has the whole URL. */
function pathOf(url: string): string {
  return URL.parse(url)?.pathname ?? url;
}

function graphqlFailure({ errors, headers }: GraphqlResponseError<unknown>, now: Date): GitHubFailure {
  const [first] = errors ?? [];
  const message = first?.message ?? 'GraphQL errors without a message';
  // A secondary limit is told by the message alone.
  const unnamed = /rate limit/i.test(message) ? 429 : 200;
  const status = GRAPHQL_STATUS[first?.type ?? ''] ?? unnamed;
  const requestId = headers['x-github-request-id'];
  return {
    trouble: troubleOf({ status, headers, message }, now),
    message: `POST /graphql: ${brief(message)}`,
    ...(requestId !== undefined && { requestId: String(requestId) }),
  };
}

/** GitHub asks to wait: what is left goes on at `resumeAt`. */
export class RateLimited extends Error {
  override readonly name = 'RateLimited';
  readonly resumeAt: Date;

  constructor(resumeAt: Date, message: string) {
    super(message);
    this.resumeAt = resumeAt;
  }
}

/** Trouble that concerns the whole bank rather than one repository. */
export function bankTrouble(error: unknown, { trouble, message }: GitHubFailure): Error {
  switch (trouble.kind) {
    case 'rate-limited':
      return new RateLimited(trouble.resumeAt, message);
    case 'credentials-rejected':
      return new SyncError('GitHubCredentialsRejected', `GitHub does not accept the token: ${message}`, {
        cause: error,
      });
    case 'not-found':
    case 'forbidden':
      return new SyncError('OrganizationNotFound', `the token does not see the organization: ${message}`, {
        cause: error,
      });
    default:
      return new SyncError('GitHubUnavailable', message, { cause: error });
  }
}
