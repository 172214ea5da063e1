import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import * as z from '../shared/zod.ts';
import type { GitHubContext } from './github.ts';
import { ITEM_FILE, ItemFile, ObjectId, Time } from './item-file.ts';
import {
  OwnedPart,
  type PartReading,
  queryRepositories,
  type RepositoryQuery,
} from './repository-queries.ts';
import { answerFaults, type FailedReading, failedReading, undocumentedAnswer } from './responses.ts';

/** The newest commit of the followed branch. */
interface Head {
  branch: string;
  /** It is a `create_` branch: the default branch has no item.json yet. */
  isBeingCreated: boolean;
  commit: string;
  /** Of item.json. */
  blob: { oid: string; byteSize: number };
}

export type HeadReading =
  | { kind: 'read'; repositoryName: string; archived: boolean; head: Head }
  | FailedReading;

// GitHub's limit of ids in one query.
const MAX_IDS = 100;
const CREATE_PREFIX = 'create_';

const Branch = z.object({
  name: z.string(),
  target: z.nullable(z.object({ oid: ObjectId, committedDate: z.lenient(Time), file: ItemFile })),
});
type Branch = z.infer<typeof Branch>;
const HeadPart = z.extend(OwnedPart, {
  name: z.string(),
  isArchived: z.boolean(),
  defaultBranchRef: z.nullable(Branch),
  // Needed only if the default branch has no item.json, and read only then.
  isEmpty: z.optional(z.unknown()),
  creating: z.optional(z.unknown()),
});
type HeadPart = z.infer<typeof HeadPart>;
const CreatingPart = z.object({
  creating: z.object({
    nodes: z.array(Branch),
    pageInfo: z.object({ hasNextPage: z.boolean() }),
  }),
});

const HEADS: RepositoryQuery<ListedRepository, HeadPart> = {
  build: (repositories) => ({
    text: `query ($ids: [ID!]!) {
      nodes(ids: $ids) {
        ... on Repository {
          name isArchived isEmpty owner { login }
          defaultBranchRef { ...Branch }
          creating: refs(refPrefix: "refs/heads/", query: "${CREATE_PREFIX}", first: 100) {
            nodes { ...Branch }
            pageInfo { hasNextPage }
          }
        }
      }
    }
    fragment Branch on Ref { name target { ... on Commit { oid committedDate ${ITEM_FILE} } } }`,
    variables: { ids: repositories.map(({ nodeId }) => nodeId) },
    places: repositories.map((_, index) => ['nodes', index]),
  }),
  part: HeadPart,
  isOptional: (path, part) => {
    if (path[0] === 'creating') return Boolean(HeadPart.safeParse(part).data?.defaultBranchRef?.target?.file);
    return path[0] === 'isEmpty' || path.at(-1) === 'committedDate';
  },
};

/**
 * Reads the head of each repository's followed branch. That is the default branch if it has item.json, else the
 * `create_` branch with item.json whose head is the newest. A query for 100 repositories costs one point.
 * @returns a reading for every repository.
 * @throws DeferredError if GitHub asks to wait or is down, or stopped by `context.stop`; SyncError
 * `GitHubCredentialsRejected`.
 */
export async function readHeads(
  context: GitHubContext,
  repositories: readonly ListedRepository[],
): Promise<Map<ItemBankId, HeadReading>> {
  const parts = await queryRepositories(context, HEADS, chunksOf(repositories, { count: MAX_IDS }));
  return new Map(
    [...parts].map(([{ itemBankId }, reading]) => [
      itemBankId,
      reading.kind === 'failed' ? reading : headReading(reading),
    ]),
  );
}

function headReading({ part, headers }: Extract<PartReading<HeadPart>, { kind: 'read' }>): HeadReading {
  const { name, isArchived, isEmpty, defaultBranchRef } = part;
  const repository = { repositoryName: name, archived: isArchived };
  const [main] = headsOf(defaultBranchRef ? [defaultBranchRef] : []);
  if (main) return { kind: 'read', ...repository, head: { ...main.head, isBeingCreated: false } };
  const parsed = CreatingPart.safeParse(part);
  if (!parsed.success) return undocumentedAnswer(answerFaults(parsed.error), headers);
  const { nodes, pageInfo } = parsed.data.creating;
  if (pageInfo.hasNextPage) {
    return failedReading('GITHUB_ERROR', `more than 100 branch names contain ${CREATE_PREFIX}`);
  }
  // GitHub's search finds the prefix anywhere in a name.
  const heads = headsOf(nodes.filter((branch) => branch.name.startsWith(CREATE_PREFIX)));
  const undated = heads.find(({ committedAt }) => committedAt === undefined);
  if (undated && heads.length > 1) {
    return undocumentedAnswer(`creating: no committedDate of the branch ${undated.head.branch}`, headers);
  }
  const [newest] = heads.sort(byTime);
  if (newest) return { kind: 'read', ...repository, head: { ...newest.head, isBeingCreated: true } };
  if (isEmpty === true) return failedReading('REPOSITORY_EMPTY', 'the repository has no commit yet');
  const defaultBranch = defaultBranchRef?.name ?? 'the default branch';
  return failedReading(
    'ITEM_JSON_MISSING',
    `neither ${defaultBranch} nor a ${CREATE_PREFIX} branch has item.json`,
  );
}

interface DatedHead {
  committedAt: string | undefined;
  head: Omit<Head, 'isBeingCreated'>;
}

/** The heads of the branches that have item.json. */
const headsOf = (branches: readonly Branch[]): DatedHead[] =>
  branches.flatMap(({ name, target }) =>
    target?.file
      ? [
          {
            committedAt: target.committedDate,
            head: { branch: name, commit: target.oid, blob: target.file },
          },
        ]
      : [],
  );

/** Sorts the newest branch first. */
function byTime(a: DatedHead, b: DatedHead): number {
  const [first, second] = [a.committedAt ?? '', b.committedAt ?? ''];
  if (first !== second) return first > second ? -1 : 1;
  // If both were committed in the same second, the order does not matter as long as it is stable.
  return a.head.branch < b.head.branch ? -1 : 1;
}
