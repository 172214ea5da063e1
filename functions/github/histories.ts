import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import type { Place } from './graphql.ts';
import { ITEM_FILE, ItemFile, ObjectId, Time } from './item-file.ts';
import { aliasedQuery, OwnedPart, type PartReading, queryRepositories } from './repository-queries.ts';
import { type FailedReading, failedReading, undocumentedAnswer } from './responses.ts';

/** A commit that changed item.json. */
interface Commit {
  sha: string;
  /** ISO 8601 in UTC; absent if GitHub's time cannot be read. */
  authoredAt?: string;
  /** The author's login, or the name in git if the author has no account; empty if neither can be read. */
  author: string;
  /** Of item.json. Absent if the commit deleted the file. */
  blob?: { oid: string; byteSize: number };
}

/** `commits` are complete, the oldest first. */
export type HistoryReading = { kind: 'read'; commits: Commit[] } | FailedReading;

export interface WantedHistory {
  itemBankId: ItemBankId;
  nodeId: string;
  /** The newest commit of the history. The branch may have moved since. */
  commit: string;
}

// A page of 100 commits with a file each is expensive for GitHub. 2,500 of them stay well within its 10 s for a query.
const MAX_HISTORIES = 25;

const Page = z.object({
  nodes: z.array(
    z.object({
      oid: ObjectId,
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
const OPTIONAL_FIELDS = new Set<string | number>(['authoredDate', 'author', 'endCursor']);

/** A history whose newest commits have been read. */
interface OpenHistory extends WantedHistory {
  newestFirst: readonly Commit[];
  after?: string;
}

const PAGES = {
  build: aliasedQuery<OpenHistory>(
    `object(oid: $commit) {
      ... on Commit {
        history(path: "item.json", first: 100, after: $after) {
          nodes { oid authoredDate author { name user { login } } ${ITEM_FILE} }
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
  isOptional: (path: Place) => path.some((step) => OPTIONAL_FIELDS.has(step)),
};

/**
 * Reads the complete histories of item.json, each as of a commit.
 * @returns a reading for every wanted history. A commit that does not exist fails in this run only: GitHub dropped it
 * after a force push, or has not replicated it yet, and the next run reads the head again.
 * @throws DeferredError if rate limited or stopped by `context.stop`; SyncError `GitHubCredentialsRejected`.
 */
export async function readHistories(
  context: GitHubContext,
  wanted: readonly WantedHistory[],
): Promise<Map<ItemBankId, HistoryReading>> {
  const readings = new Map<ItemBankId, HistoryReading>();
  let open: OpenHistory[] = wanted.map((each) => ({ ...each, newestFirst: [] }));
  while (open.length > 0) {
    const parts = await queryRepositories(context, PAGES, chunksOf(open, { count: MAX_HISTORIES }));
    open = [];
    for (const [history, reading] of parts) {
      const next = reading.kind === 'failed' ? reading : withPage(history, reading);
      if ('kind' in next) readings.set(history.itemBankId, next);
      else open.push(next);
    }
  }
  return readings;
}

/** @returns the history with the page added if there are more pages, else the reading. */
function withPage(
  history: OpenHistory,
  { part, headers }: Extract<PartReading<HistoryPart>, { kind: 'read' }>,
): HistoryReading | OpenHistory {
  const page = part.object?.history;
  if (!page) return failedReading('GITHUB_ERROR', `commit ${history.commit} not found`);
  const commits = page.nodes.map(
    ({ oid, authoredDate, author, file }): Commit => ({
      sha: oid,
      ...(authoredDate !== undefined && { authoredAt: authoredDate }),
      author: author?.user?.login ?? author?.name ?? '',
      ...(file && { blob: file }),
    }),
  );
  const newestFirst = [...history.newestFirst, ...commits];
  const { hasNextPage, endCursor } = page.pageInfo;
  if (!hasNextPage) return { kind: 'read', commits: newestFirst.toReversed() };
  // Without a new cursor the same page would be requested forever.
  if (endCursor === undefined || endCursor === history.after) {
    return undocumentedAnswer('object.history.pageInfo.endCursor: no new cursor for the next page', headers);
  }
  return { ...history, newestFirst, after: endCursor };
}
