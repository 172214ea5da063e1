import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import * as z from '../shared/zod.ts';
import type { BankRequest } from './github.ts';
import { ask, OwnedPart, type Question } from './graphql.ts';
import { aliased } from './graphql-aliases.ts';
import { ITEM_FILE, ItemFile, ObjectId, Time } from './item-file.ts';
import { type Troubled, troubled, undocumented } from './trouble.ts';

/** A commit that changed item.json. */
export interface Commit {
  sha: string;
  /** ISO 8601 in UTC. */
  authoredAt: string;
  /** The login; where the author has no account, the name that git has. */
  author: string;
  /** Of item.json. Absent where the commit took the file away. */
  blob?: { oid: string; byteSize: number };
}

/** The commits are complete, the oldest first. */
export type HistoryReading = { kind: 'read'; commits: Commit[] } | Troubled;

export interface WantedHistory {
  itemBankId: ItemBankId;
  nodeId: string;
  /** The history is that of this commit, wherever the branch is by now. */
  commit: string;
}

// A page of 100 commits with a file each is some work for GitHub: 2,500 of them stay well within its 10 s.
const MOST_HISTORIES = 25;

const Page = z.object({
  nodes: z.array(
    z.object({
      oid: ObjectId,
      authoredDate: Time,
      author: z.nullable(
        z.object({ name: z.nullable(z.string()), user: z.nullable(z.object({ login: z.string() })) }),
      ),
      file: ItemFile,
    }),
  ),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) }),
});
type Page = z.infer<typeof Page>;
const Repository = z.extend(OwnedPart, { object: z.nullable(z.object({ history: Page })) });

/** A history of which the newest commits are there. */
interface OpenHistory extends WantedHistory {
  newestFirst: readonly Commit[];
  after?: string;
}

const PAGES: Question<OpenHistory, z.infer<typeof Repository>> = {
  ...aliased({
    fields: `object(oid: $commit) {
      ... on Commit {
        history(path: "item.json", first: 100, after: $after) {
          nodes { oid authoredDate author { name user { login } } ${ITEM_FILE} }
          pageInfo { hasNextPage endCursor }
        }
      }
    }`,
    types: { commit: 'GitObjectID!', after: 'String' },
    valuesOf: ({ commit, after }) => ({ commit, after }),
  }),
  part: Repository,
};

/**
 * Reads the complete histories of item.json, each as of a commit.
 * @returns a reading for every one that is wanted. A commit that is not there is trouble of this run alone: GitHub
 * dropped it after a force push, or has not spread it yet, and the next run reads the head anew.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export async function readHistories(
  request: BankRequest,
  wanted: readonly WantedHistory[],
): Promise<Map<ItemBankId, HistoryReading>> {
  const readings = new Map<ItemBankId, HistoryReading>();
  let open: OpenHistory[] = wanted.map((each) => ({ ...each, newestFirst: [] }));
  while (open.length > 0) {
    const answers = await ask(request, PAGES, chunksOf(open, { count: MOST_HISTORIES }));
    open = [];
    for (const [history, answer] of answers) {
      const next = answer.kind === 'trouble' ? answer : withPage(history, answer.part.object?.history);
      if ('kind' in next) readings.set(history.itemBankId, next);
      else open.push(next);
    }
  }
  return readings;
}

function withPage(history: OpenHistory, page: Page | undefined): HistoryReading | OpenHistory {
  if (!page) return troubled('GITHUB_ERROR', `the commit ${history.commit} is not there`);
  const newestFirst = [...history.newestFirst, ...page.nodes.map(commitOf)];
  const { hasNextPage, endCursor } = page.pageInfo;
  if (!hasNextPage) return { kind: 'read', commits: newestFirst.toReversed() };
  // The same page again would never end.
  if (endCursor === null || endCursor === history.after) return undocumented();
  return { ...history, newestFirst, after: endCursor };
}

function commitOf({ oid, authoredDate, author, file }: Page['nodes'][number]): Commit {
  return {
    sha: oid,
    authoredAt: authoredDate,
    author: author?.user?.login ?? author?.name ?? '',
    ...(file && { blob: file }),
  };
}
