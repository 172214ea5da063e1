import pMap from 'p-map';
import { chunksOf } from '../shared/chunks.ts';
import type { Failure } from '../shared/contract/job-execution.ts';
import { DeferredError } from '../shared/deferral.ts';
import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import {
  failedAnswer,
  failureAt,
  type Place,
  type Query,
  type QueryAnswer,
  sendQuery,
  valueAt,
} from './graphql.ts';
import type { MeasuredQuery, QuerySize, QuerySizes } from './query-size.ts';
import { isSameLogin } from './repository.ts';
import type { QueryOptions } from './request-kinds.ts';
import {
  answerFaults,
  bankError,
  type FailedReading,
  failedReading,
  failedRequest,
  type Meaning,
  type ResponseHeaders,
  repositoryFailure,
  undocumentedAnswer,
} from './responses.ts';
import { pauseBeforeRetry } from './unauthorized.ts';

/** Every query selects the owner, because a transferred repository no longer belongs to the bank. */
export const OwnedPart = z.object({ owner: z.object({ login: z.string() }) });
export type OwnedPart = z.infer<typeof OwnedPart>;

/** One query about several repositories. */
export interface RepositoryQuery<Wanted, Part extends OwnedPart> {
  /** `places` has one entry per repository: the path of its data, and of errors about it. */
  build: (wanted: readonly Wanted[]) => Query & { places: readonly Place[] };
  part: z.ZodMiniType<Part>;
  /** Learns how long the queries take. */
  size: (sizes: QuerySizes) => QuerySize;
  /**
   * Whether a field of the part is not needed. An error about it does not fail the part. None by default.
   * @param path from the part down.
   */
  isOptional?: (path: Place, part: unknown) => boolean;
}

export type PartReading<Part> = { kind: 'read'; part: Part; headers: ResponseHeaders } | FailedReading;

// 100 repositories become 50, 25 and 13. If three halvings in a row get no answer at all, the cause is neither the size
// of the queries nor a single repository.
const MAX_HALVINGS_WITHOUT_ANSWER = 3;
// Hides a part of the latency. More would only use up the computing time earlier.
export const QUERIES_IN_FLIGHT = 2;

/**
 * Sends one query for each chunk. If GitHub cannot answer a query, the query is split in half, repeatedly, until the
 * repository that causes the problem is queried alone. The client remembers this repository, and from then on queries
 * it last and alone. A failure of one repository does not affect the others.
 * @returns a reading for everything that is wanted, unless `context.stop` says that time has run out: then for a part.
 * @throws DeferredError if GitHub asks to wait or is down, or stopped by `context.stop`; SyncError
 * `GitHubCredentialsRejected`.
 */
export async function queryRepositories<Wanted extends { nodeId: string }, Part extends OwnedPart>(
  context: GitHubContext,
  repositoryQuery: RepositoryQuery<Wanted, Part>,
  chunks: readonly (readonly Wanted[])[],
): Promise<Map<Wanted, PartReading<Part>>> {
  const { unanswered, querySizes } = context.github;
  const size = repositoryQuery.size(querySizes);
  const readings = new Map<Wanted, PartReading<Part>>();
  /** @returns whether GitHub answered. If it did not, the readings are failures. */
  const query = async (chunk: readonly Wanted[], options: Attempt): Promise<boolean> => {
    const { places, ...text } = repositoryQuery.build(chunk);
    const expectedMs = size.expectedMs(chunk.length);
    let ms = 0;
    const measured = (time: number): void => {
      ms = time;
    };
    const { isRetried, canBeSplit, isWhole } = options;
    const reply = await send(context, text, { isRetried, canBeSplit, expectedMs, measured });
    // A repository that GitHub cannot answer about makes every query with it fail, down to the smallest one. Only the
    // first of them counts, so that it does not reduce the size to one.
    if (isWhole) size.measured({ count: chunk.length, ms, answer: answerOf(reply) });
    for (const [index, wanted] of chunk.entries()) {
      readings.set(wanted, readPart(context, repositoryQuery, { reply, place: places[index] ?? [] }));
    }
    return !reply.isTooLarge;
  };

  const isUnanswered = ({ nodeId }: Wanted): boolean => unanswered.has(nodeId);
  const others = chunks.map((chunk) => chunk.filter((wanted) => !isUnanswered(wanted)));
  const last = chunks.flat().filter(isUnanswered);
  let isBegun = false;
  await halveUntilAnswered(others, {
    query: async (chunk, options) => {
      // A slow GitHub must not outlast the invocation. What gets no reading here is queried by the next one.
      if (isBegun && options.isWhole && context.stop?.()) return true;
      isBegun = true;
      const isAnswered = await query(chunk, options);
      if (!isAnswered) assertTimeLeft(context);
      return isAnswered;
    },
    remember: ({ nodeId }) => void unanswered.add(nodeId),
  });
  for (const wanted of last) {
    if (await query([wanted], { isRetried: false, canBeSplit: false, isWhole: false }))
      unanswered.delete(wanted.nodeId);
    // The rest gets no reading here, so the next invocation queries it.
    else if (context.stop?.()) break;
  }
  return readings;
}

interface Halving<Wanted> {
  /** @returns whether GitHub answered. */
  query: (chunk: readonly Wanted[], options: Attempt) => Promise<boolean>;
  /** Called for each repository whose own query got no answer, if other queries were answered. */
  remember: (wanted: Wanted) => void;
}

/** @throws what `query` throws, after remembering the repositories that were found by then. */
async function halveUntilAnswered<Wanted>(
  chunks: readonly (readonly Wanted[])[],
  { query, remember }: Halving<Wanted>,
): Promise<void> {
  const alone: Wanted[] = [];
  let open = chunks.filter(({ length }) => length > 0);
  let isAnswering = false;
  let halvings = 0;
  let isWhole = true;
  try {
    while (open.length > 0) {
      const failed: (readonly Wanted[])[] = [];
      // All chunks of one size are queried before any halves. If GitHub asks to wait, nothing is halved any further.
      await pMap(
        open,
        async (chunk) => {
          const isRetried = chunk.length === 1 || halvings === MAX_HALVINGS_WITHOUT_ANSWER;
          if (await query(chunk, { isRetried, canBeSplit: !isRetried, isWhole })) {
            isAnswering = true;
            halvings = 0;
          } else failed.push(chunk);
        },
        { concurrency: QUERIES_IN_FLIGHT },
      );
      alone.push(...failed.filter(({ length }) => length === 1).flat());
      if (halvings === MAX_HALVINGS_WITHOUT_ANSWER) return;
      halvings += 1;
      isWhole = false;
      open = failed
        .filter(({ length }) => length > 1)
        .flatMap((chunk) => chunksOf(chunk, { count: Math.ceil(chunk.length / 2) }));
    }
  } finally {
    if (isAnswering) alone.forEach(remember);
  }
}

/** Stops if further queries would outlast the invocation. The next invocation starts from the beginning. */
function assertTimeLeft({ stop }: GitHubContext): void {
  const deferral = stop?.();
  if (!deferral) return;
  const message = `GitHub did not answer a query, and ${deferral.message}`;
  throw new DeferredError({ ...deferral, message });
}

interface Attempt {
  /** Whether an unanswered query is retried unchanged. A query that can still be halved is not. */
  isRetried: boolean;
  /** Whether parts of the query are sent if GitHub does not answer it. */
  canBeSplit: boolean;
  /** Whether the query has not been halved. */
  isWhole: boolean;
}

type SendOptions = Pick<Attempt, 'isRetried' | 'canBeSplit'> &
  Required<Pick<QueryOptions, 'expectedMs' | 'measured'>>;

type Reply = ({ answer: QueryAnswer } | { failure: Failure; meaning: Meaning['kind'] }) & {
  /** GitHub gave up on the query, and may be able to answer a smaller one. */
  isTooLarge: boolean;
};

function answerOf(reply: Reply): MeasuredQuery['answer'] {
  if ('failure' in reply) return 'none';
  return reply.isTooLarge ? 'too-large' : 'complete';
}

/** Answers that may be mistakes, and would fail all repositories of the query. */
const DOUBTFUL: ReadonlySet<Meaning['kind']> = new Set(['redirected', 'not-found', 'forbidden', 'refused']);

async function send(context: GitHubContext, query: Query, options: SendOptions): Promise<Reply> {
  const reply = await sendOnce(context, query, options);
  if ('answer' in reply || !DOUBTFUL.has(reply.meaning) || context.stop?.()) return reply;
  await pauseBeforeRetry(context.github);
  return sendOnce(context, query, options);
}

async function sendOnce(context: GitHubContext, query: Query, options: SendOptions): Promise<Reply> {
  const { isRetried, ...measuring } = options;
  try {
    // No query is retried when time has run out.
    const retries = isRetried && !context.stop?.() ? {} : { retries: 0 };
    const answer = await sendQuery(context.github, query, { ...retries, ...measuring });
    const failed = failedAnswer(answer, context);
    if (failed?.meaning.kind === 'rate-limited') throw bankError(answer.errors, failed);
    // https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    const isTooLarge = answer.errors.some(
      ({ type, message = '' }) =>
        type === 'RESOURCE_LIMITS_EXCEEDED' || /time(?:d )?out|something went wrong/i.test(message),
    );
    return { answer, isTooLarge };
  } catch (error) {
    const failed = failedRequest(error, context);
    const failure = repositoryFailure(error, failed, 'GITHUB_ERROR');
    const { kind: meaning } = failed.meaning;
    return { failure, meaning, isTooLarge: meaning === 'unavailable' };
  }
}

function readPart<Wanted, Part extends OwnedPart>(
  context: GitHubContext,
  { part, isOptional }: RepositoryQuery<Wanted, Part>,
  { reply, place }: { reply: Reply; place: Place },
): PartReading<Part> {
  if ('failure' in reply) return { kind: 'failed', failure: reply.failure };
  const { answer } = reply;
  const { headers } = answer;
  const value = valueAt(answer, place);
  const errors = answer.errors.filter(({ path }) => {
    const isBelow = path && path.length > place.length && place.every((step, depth) => path[depth] === step);
    return !(isBelow && isOptional?.(path.slice(place.length), value));
  });
  const failure = failureAt({ ...answer, errors }, place, context);
  if (failure) return { kind: 'failed', failure };
  const parsed = part.safeParse(value);
  if (!parsed.success) return undocumentedAnswer(answerFaults(parsed.error), headers);
  const { login } = parsed.data.owner;
  if (isSameLogin(login, context.organization)) return { kind: 'read', part: parsed.data, headers };
  return failedReading('REPOSITORY_NOT_FOUND', `the repository now belongs to ${login}`);
}

/**
 * Builds queries that select each repository by an alias.
 * @param fields fields of Repository. They may use the variables, whose values differ between repositories.
 */
export function aliasedQuery<Wanted extends { nodeId: string }>(
  fields: string,
  variables: readonly { name: keyof Wanted & string; type: string }[],
): RepositoryQuery<Wanted, OwnedPart>['build'] {
  const all = [{ name: 'nodeId', type: 'ID!' } as const, ...variables];
  const selection = `node(id: $nodeId) { ... on Repository { owner { login } ${fields} } }`;
  return (wanted) => {
    const declarations = wanted.flatMap((_, index) =>
      all.map(({ name, type }) => `$${name}${index}: ${type}`),
    );
    // Values are passed as variables and never become part of the text.
    const selections = wanted.map(
      (_, index) => `r${index}: ${selection.replaceAll(/\$\w+/g, (variable) => `${variable}${index}`)}`,
    );
    return {
      text: `query (${declarations.join(', ')}) {\n${selections.join('\n')}\n}`,
      variables: Object.fromEntries(
        wanted.flatMap((each, index) => all.map(({ name }) => [`${name}${index}`, each[name]])),
      ),
      places: wanted.map((_, index) => [`r${index}`]),
    };
  };
}
