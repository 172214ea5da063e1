import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import { DeferredError } from '../shared/deferral.ts';
import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import type { Place } from './graphql.ts';
import { ITEM_FILE, ItemFile, ObjectId, Time } from './item-file.ts';
import type { QuerySizes } from './query-size.ts';
import { aliasedQuery, OwnedPart, type PartReading, queryRepositories } from './repository-queries.ts';
import { type FailedReading, failedReading, undocumentedAnswer } from './responses.ts';

/** A commit that changed item.json. */
export interface Commit {
  sha: string;
  /** ISO 8601 in UTC, like `authoredAt`; absent if GitHub's time cannot be read. */
  committedAt?: string;
  authoredAt?: string;
  /** The author's name in git; empty if it cannot be read. */
  author: string;
  /** Absent if the author has no account. */
  authorLogin?: string;
  /** Of item.json. Absent if the commit deleted the file. */
  blob?: { oid: string; byteSize: number };
}

/** `commits` are complete, the oldest first. */
type CompleteReading = { kind: 'read'; commits: Commit[] } | FailedReading;

/** `open` if there are further pages. */
export type HistoryReading = CompleteReading | { kind: 'open'; history: OpenHistory };

export interface WantedHistory {
  itemBankId: ItemBankId;
  nodeId: string;
  /** The newest commit of the history. The branch may have moved since. */
  commit: string;
}

// 50 pages. GitHub ends a query after 10 s, so that even the slowest 50 leave time to read the file itself.
const MAX_COMMITS = 5_000;

const Page = z.object({
  nodes: z.array(
    z.object({
      oid: ObjectId,
      committedDate: z.lenient(Time),
      authoredDate: z.lenient(Time),
      author: z.lenient(
        z.object({ name: z.lenient(z.string()), user: z.lenient(z.object({ login: z.string() })) }),
      ),
      file: ItemFile,
    }),
  ),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.lenient(z.string()) }),
});
const HistoryPart = z.extend(OwnedPart, { object: z.nullable(z.object({ history: Page })) });
type HistoryPart = z.infer<typeof HistoryPart>;

// An error about one of these fields does not fail the history.
const OPTIONAL_FIELDS = new Set<string | number>(['committedDate', 'authoredDate', 'author', 'endCursor']);

/** A history whose newest commits have been read. */
export interface OpenHistory extends WantedHistory {
  newestFirst: readonly Commit[];
  after?: string;
}

const PAGES = {
  build: aliasedQuery<OpenHistory>(
    `object(oid: $commit) {
      ... on Commit {
        history(path: "item.json", first: 100, after: $after) {
          nodes { oid committedDate authoredDate author { name user { login } } ${ITEM_FILE} }
          pageInfo { hasNextPage endCursor }
        }
      }
    }`,
    [
      { name: 'commit', type: 'GitObjectID!' },
      { name: 'after', type: 'String' },
    ],
  ),
  part: HistoryPart,
  size: ({ histories }: QuerySizes) => histories,
  isOptional: (path: Place) => path.some((step) => OPTIONAL_FIELDS.has(step)),
};

/**
 * Reads the histories of item.json, each as of a commit and as far as its first page of 100 commits.
 * @returns a reading for every wanted history. A commit that does not exist fails in this run only: GitHub dropped it
 * after a force push, or has not replicated it yet, and the next run reads the head again.
 * @throws DeferredError if GitHub asks to wait or is down, or stopped by `context.stop`; SyncError
 * `GitHubCredentialsRejected`.
 */
export async function readHistories(
  context: GitHubContext,
  wanted: readonly WantedHistory[],
): Promise<Map<ItemBankId, HistoryReading>> {
  const open = wanted.map((each): OpenHistory => ({ ...each, newestFirst: [] }));
  const parts = await queryRepositories(
    context,
    PAGES,
    chunksOf(open, { count: PAGES.size(context.github.querySizes).current() }),
  );
  return new Map(
    [...parts].map(([history, reading]) => [
      history.itemBankId,
      reading.kind === 'failed' ? reading : withPage(history, reading),
    ]),
  );
}

/**
 * Reads the other pages of a history. Asks `context.stop` before each of them.
 * @returns a failure `HISTORY_TOO_LONG` if there are more than 5,000 commits.
 * @throws DeferredError if GitHub asks to wait or is down, or stopped by `context.stop`; SyncError
 * `GitHubCredentialsRejected`.
 */
export async function readRestOfHistory(
  context: GitHubContext,
  history: OpenHistory,
): Promise<CompleteReading> {
  let open = history;
  for (;;) {
    const deferral = context.stop?.();
    if (deferral) throw new DeferredError(deferral);
    const parts = await queryRepositories(context, PAGES, [[open]]);
    const page = parts.get(open);
    if (!page) throw new Error('everything that is queried has a reading');
    const reading = page.kind === 'failed' ? page : withPage(open, page);
    if (reading.kind !== 'open') return reading;
    open = reading.history;
  }
}

function withPage(
  history: OpenHistory,
  { part, headers }: Extract<PartReading<HistoryPart>, { kind: 'read' }>,
): HistoryReading {
  const page = part.object?.history;
  if (!page) return failedReading('GITHUB_ERROR', `commit ${history.commit} not found`);
  const commits = page.nodes.map(
    ({ oid, committedDate, authoredDate, author, file }): Commit => ({
      sha: oid,
      ...(committedDate !== undefined && { committedAt: committedDate }),
      ...(authoredDate !== undefined && { authoredAt: authoredDate }),
      author: author?.name ?? '',
      ...(author?.user && { authorLogin: author.user.login }),
      ...(file && { blob: file }),
    }),
  );
  const newestFirst = [...history.newestFirst, ...commits];
  const { hasNextPage, endCursor } = page.pageInfo;
  if (!hasNextPage) return { kind: 'read', commits: newestFirst.toReversed() };
  if (newestFirst.length >= MAX_COMMITS) {
    return failedReading('HISTORY_TOO_LONG', `item.json has more than ${MAX_COMMITS} commits`);
  }
  // Without a new cursor the same page would be requested forever.
  if (endCursor === undefined || endCursor === history.after) {
    return undocumentedAnswer('object.history.pageInfo.endCursor: no new cursor for the next page', headers);
  }
  return { kind: 'open', history: { ...history, newestFirst, after: endCursor } };
}
