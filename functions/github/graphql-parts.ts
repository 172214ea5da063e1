import { GraphqlResponseError } from '@octokit/graphql';
import { RequestError } from '@octokit/request-error';
import type { Clock } from '../shared/clock.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import * as z from '../shared/zod.ts';
import { type Answer, failureOf, graphqlErrorFailure, repositoryTrouble } from './github-answers.ts';
import { isObject } from './json.ts';

/** Names of fields and positions in lists, from the top of an answer down. */
export type Place = readonly (string | number)[];

const PlacedError = z.object({
  type: z.optional(z.string()),
  message: z.optional(z.string()),
  path: z.optional(z.array(z.union([z.string(), z.number()]))),
});
type PlacedError = z.infer<typeof PlacedError>;
/** An answer with errors, and with whatever data came beside them. */
const PartialAnswer = z.object({ data: z.optional(z.unknown()), errors: z.array(PlacedError) });

/** What came of one query. */
export interface Reply {
  data?: unknown;
  errors: readonly PlacedError[];
  headers: Answer['headers'];
  /** Why there is no answer at all. */
  trouble?: Failure;
  /** GitHub gave up on the query, and may answer a part of it. */
  isTooMuch: boolean;
}

/** @throws RateLimited; SyncError `GitHubCredentialsRejected`; whatever is not a failed request, as it is. */
export function replyOfFailure(error: unknown, clock: Clock): Reply {
  const failure = failureOf(error, clock);
  const trouble = repositoryTrouble(error, failure, 'GITHUB_ERROR');
  const { data: body, headers } = responseOf(error);
  const answer = PartialAnswer.safeParse(body);
  if (answer.success) return { ...answer.data, headers, isTooMuch: answer.data.errors.some(tellsTooMuch) };
  const isTooMuch = failure.trouble.kind === 'unavailable';
  return { errors: [], headers, trouble, isTooMuch };
}

/** `retrying` takes some answers for failures because of their first error. */
function responseOf(error: unknown): { data?: unknown; headers: Answer['headers'] } {
  if (error instanceof GraphqlResponseError) return { data: error.response, headers: error.headers };
  if (error instanceof RequestError && error.response?.status === 200) return error.response;
  return { headers: {} };
}

// https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
function tellsTooMuch({ type, message = '' }: PlacedError): boolean {
  return type === 'RESOURCE_LIMITS_EXCEEDED' || /time(?:d )?out|something went wrong/i.test(message);
}

/** What an answer says at a place. */
export function valueAt({ data }: Reply, place: Place): unknown {
  return place.reduce<unknown>((value, step) => (isObject(value) ? value[step] : undefined), data);
}

/** The error that spoils what stands at a place. */
export function troubleAt(reply: Reply, place: Place, clock: Clock): Failure | undefined {
  if (reply.trouble) return reply.trouble;
  const isThere = isObject(valueAt(reply, place));
  const error = reply.errors.find(
    (each) => concerns(each, place) && !(isThere && isOfMissingPart(each, place)),
  );
  if (!error) return undefined;
  const notFound = error.path?.length === place.length ? 'REPOSITORY_NOT_FOUND' : 'GITHUB_ERROR';
  return repositoryTrouble(error, graphqlErrorFailure(error, reply.headers, clock), notFound);
}

/** An error without a path, or with that of something above, is one of everything below. */
function concerns({ path = [] }: PlacedError, place: Place): boolean {
  return place.every((step, depth) => depth >= path.length || path[depth] === step);
}

/** Says of a part that need not be there what its null says as well. */
function isOfMissingPart({ type, path = [] }: PlacedError, place: Place): boolean {
  return type === 'NOT_FOUND' && path.length > place.length;
}
