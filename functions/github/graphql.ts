import { RequestError } from '@octokit/request-error';
import type { Failure } from '../shared/contract/job-execution.ts';
import * as z from '../shared/zod.ts';
import type { GitHub } from './github.ts';
import { isAboutLimits } from './refusals.ts';
import type { QueryOptions } from './request-kinds.ts';
import {
  classify,
  type FailedRequest,
  isObject,
  type ResponseHeaders,
  repositoryFailure,
  requestIdIn,
  shortMessage,
} from './responses.ts';
import type { Waiting } from './resume-at.ts';

export interface Query {
  text: string;
  variables: Record<string, unknown>;
}

/** Names of fields and positions in lists, from the top of the data down. */
export type Place = readonly (string | number)[];

const QueryError = z.object({
  type: z.lenient(z.string()),
  message: z.lenient(z.string()),
  path: z.lenient(z.array(z.union([z.string(), z.number()]))),
});
type QueryError = z.infer<typeof QueryError>;
const Body = z.object({
  data: z.optional(z.unknown()),
  errors: z._default(z.array(QueryError), []),
});

/** GraphQL's answer. It may contain errors and data side by side. */
export interface QueryAnswer {
  data?: unknown;
  errors: readonly QueryError[];
  headers: ResponseHeaders;
}

// An Enterprise Server has REST at /api/v3 and GraphQL at /api/graphql. GitHub.com has no such path.
// https://docs.github.com/en/enterprise-server@latest/graphql/guides/forming-calls-with-graphql
const ENTERPRISE_REST_PATH = /\/api\/v3\/?$/;

/**
 * Sends a query by Octokit's `request`, because Octokit's `graphql` returns data without headers.
 * @throws what Octokit's requests throw, unless the response contains an answer.
 */
export async function sendQuery(
  github: GitHub,
  { text, variables }: Query,
  options: QueryOptions = {},
): Promise<QueryAnswer> {
  try {
    const { data, headers } = await github.request('POST /graphql', {
      baseUrl: github.request.endpoint.DEFAULTS.baseUrl.replace(ENTERPRISE_REST_PATH, '/api'),
      query: text,
      variables,
      request: options,
    });
    return { errors: [], ...Body.safeParse(data).data, headers };
  } catch (error) {
    // `retrying` treats some answers as failures because of their first error. They may contain data.
    if (!(error instanceof RequestError) || error.response?.status !== 200) throw error;
    const body = Body.safeParse(error.response.data);
    if (!body.success) throw error;
    return { ...body.data, headers: error.response.headers };
  }
}

/**
 * The status that REST has for the `type` of a GraphQL error, which arrives with HTTP status 200.
 * https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
 */
const STATUSES: Readonly<Record<string, number>> = {
  NOT_FOUND: 404,
  FORBIDDEN: 403,
  INSUFFICIENT_SCOPES: 403,
  RATE_LIMIT: 429,
  RATE_LIMITED: 429,
};

/** Converts a GraphQL error to a failed request. */
export function failedQuery(error: QueryError, headers: ResponseHeaders, waiting: Waiting): FailedRequest {
  const { type = '', message = 'GraphQL error without a message' } = error;
  // Only the message reveals a secondary rate limit.
  const status = STATUSES[type] ?? (isAboutLimits(message) ? 429 : 200);
  return {
    meaning: classify({ status, headers, message }, waiting),
    message: `POST /graphql: ${shortMessage(message)}`,
    ...requestIdIn(headers),
  };
}

/** The failure of a whole answer: a rate limit, wherever it stands among the errors, else the first error. */
export function failedAnswer({ errors, headers }: QueryAnswer, waiting: Waiting): FailedRequest | undefined {
  const failed = errors.map((error) => failedQuery(error, headers, waiting));
  return failed.find(({ meaning }) => meaning.kind === 'rate-limited') ?? failed[0];
}

export function valueAt({ data }: Pick<QueryAnswer, 'data'>, place: Place): unknown {
  return place.reduce<unknown>((value, step) => (isObject(value) ? value[step] : undefined), data);
}

/**
 * The failure of the part of an answer at `place`, if an error concerns it.
 * @throws DeferredError if GitHub asks to wait or is down.
 */
export function failureAt(answer: QueryAnswer, place: Place, waiting: Waiting): Failure | undefined {
  const isThere = isObject(valueAt(answer, place));
  const error = answer.errors.find(({ type, path = [] }) => {
    // An error concerns everything below its path. Without a path it concerns everything.
    const concerns = place.every((step, depth) => depth >= path.length || path[depth] === step);
    // A missing optional part, such as a file, has both null and an error.
    const isMissingPart = isThere && type === 'NOT_FOUND' && path.length > place.length;
    return concerns && !isMissingPart;
  });
  if (!error) return undefined;
  const notFound = error.path?.length === place.length ? 'REPOSITORY_NOT_FOUND' : 'GITHUB_ERROR';
  return repositoryFailure(error, failedQuery(error, answer.headers, waiting), notFound);
}
