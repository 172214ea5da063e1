import pMap from 'p-map';
import { chunksOf } from '../shared/chunks.ts';
import * as z from '../shared/zod.ts';
import type { BankRequest } from './github.ts';
import { Interrupted } from './github-answers.ts';
import { headersOf } from './graphql-headers.ts';
import { type Place, type Reply, replyOfFailure, troubleAt, valueAt } from './graphql-parts.ts';
import { isSameLogin } from './names.ts';
import { type Troubled, troubled, undocumented } from './trouble.ts';

interface Query {
  text: string;
  variables: Record<string, unknown>;
}

/** One query about several repositories. */
export interface QueryForm<Wanted> {
  query: (wanted: readonly Wanted[]) => Query;
  /** Where in the answer the part about the one at this index stands. Errors about it have that path. */
  placeOf: (index: number) => Place;
}

export interface Question<Wanted, Part extends OwnedPart> extends QueryForm<Wanted> {
  part: z.ZodMiniType<Part>;
}

/** Every question asks for the owner: a repository that was transferred is no longer one of the bank's. */
export const OwnedPart = z.object({ owner: z.object({ login: z.string() }) });
export type OwnedPart = z.infer<typeof OwnedPart>;

export type Answered<Part> = { kind: 'answered'; part: Part } | Troubled;

// 100 repositories become 50, 25 and 13: what GitHub does not answer of so few has another cause than their number.
const MOST_HALVINGS = 3;
// GitHub limits the computing time of GraphQL, to 60 s a minute, and ten workers share it.
const QUERIES_IN_FLIGHT = 2;

/**
 * Asks one query for each piece, and in two halves what GitHub could not answer at once. Trouble with one repository
 * is not that of the others.
 * @returns an answer to everything that is wanted.
 * @throws RateLimited; Interrupted; SyncError `GitHubCredentialsRejected`.
 */
export async function ask<Wanted, Part extends OwnedPart>(
  request: BankRequest,
  question: Question<Wanted, Part>,
  pieces: readonly (readonly Wanted[])[],
): Promise<Map<Wanted, Answered<Part>>> {
  const answers = new Map<Wanted, Answered<Part>>();
  let open = pieces;
  for (let halvings = 0; open.length > 0; halvings += 1) {
    const askPiece = async (piece: readonly Wanted[]): Promise<(readonly Wanted[])[]> => {
      const isSmallest = piece.length === 1 || halvings === MOST_HALVINGS;
      const reply = await send(request, question.query(piece), isSmallest);
      if (reply.isTooMuch) stopIfLate(request);
      if (reply.isTooMuch && !isSmallest) return chunksOf(piece, { count: Math.ceil(piece.length / 2) });
      for (const [index, wanted] of piece.entries()) {
        answers.set(wanted, read(request, question, { reply, place: question.placeOf(index) }));
      }
      return [];
    };
    // All pieces of one size before the next: when GitHub asks to wait, no other piece goes on halving by itself.
    const halves = await pMap(open, askPiece, { concurrency: QUERIES_IN_FLIGHT });
    open = halves.flat();
  }
  return answers;
}

/** What got no answer is not asked for again where that would outlast the invocation: another one begins afresh. */
function stopIfLate({ stop }: BankRequest): void {
  const pause = stop?.();
  if (pause) throw new Interrupted(pause.resumeAt, `GitHub left a query unanswered, and ${pause.why}`);
}

async function send(request: BankRequest, query: Query, isSmallest: boolean): Promise<Reply> {
  // What is going to be halved is not repeated as it is before, and nothing is where no time is left for it.
  const options = isSmallest && !request.stop?.() ? {} : { request: { retries: 0 } };
  try {
    const data = await request.github.graphql(query.text, { ...query.variables, ...options });
    return { data, errors: [], headers: headersOf(data), isTooMuch: false };
  } catch (error) {
    return replyOfFailure(error, request);
  }
}

function read<Wanted, Part extends OwnedPart>(
  request: BankRequest,
  { part }: Question<Wanted, Part>,
  { reply, place }: { reply: Reply; place: Place },
): Answered<Part> {
  const trouble = troubleAt(reply, place, request);
  if (trouble) return { kind: 'trouble', ...trouble };
  const parsed = part.safeParse(valueAt(reply, place));
  if (!parsed.success) return undocumented(reply.headers);
  const { login } = parsed.data.owner;
  if (isSameLogin(login, request.organization)) return { kind: 'answered', part: parsed.data };
  return troubled('REPOSITORY_NOT_FOUND', `it belongs to ${login} now`);
}
