import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import * as z from '../shared/zod.ts';
import { CREATE_PREFIX, isCreateBranch } from './create-prefix.ts';
import type { GitHubContext } from './github.ts';
import { CREATE_FILE, CreateFile, ITEM_FILE, ItemFile, ObjectId, Time } from './item-file.ts';
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
  /**
   * Whether it is a `create_` branch, because the default branch has no item.json yet, or the default branch has a file
   * `create` beside item.json.
   */
  isBeingCreated: boolean;
  commit: string;
  /** Of item.json. */
  blob: { oid: string; byteSize: number };
}

interface NamedHead {
  kind: 'read';
  repositoryName: string;
  archived: boolean;
  head: Head;
  /** When any branch was last pushed to, ISO 8601; absent if GitHub does not say. */
  pushedAt?: string;
}

export type HeadReading =
  | NamedHead
  /** A repository without an item still has a name. It is absent if GitHub returned nothing about the repository. */
  | (FailedReading & Partial<Pick<NamedHead, 'repositoryName' | 'archived'>>);

const Target = z.object({ oid: ObjectId, committedDate: z.lenient(Time), file: ItemFile });
const Branch = z.object({ name: z.string(), target: z.nullable(Target) });
type Branch = z.infer<typeof Branch>;
const DefaultBranch = z.object({
  name: z.string(),
  // Read only if the branch has item.json.
  target: z.nullable(z.extend(Target, { createFile: z.lenient(CreateFile) })),
});
const HeadPart = z.extend(OwnedPart, {
  name: z.string(),
  isArchived: z.boolean(),
  pushedAt: z.lenient(Time),
  defaultBranchRef: z.nullable(DefaultBranch),
  // Queried only if the default branch may have no item.json, and read only if it has none.
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

/** A repository, and which of its branches are queried. */
interface WantedHead {
  repository: ListedRepository;
  nodeId: string;
  branches: 'default' | 'all';
}

const SELECTIONS: Record<WantedHead['branches'], string> = {
  default: 'nodes(ids: $ids) { ...Head }',
  all: `creating: nodes(ids: $creating) {
    ...Head
    ... on Repository {
      isEmpty
      creating: refs(refPrefix: "refs/heads/", query: "${CREATE_PREFIX}", first: 100) {
        nodes { ...Branch }
        pageInfo { hasNextPage }
      }
    }
  }`,
};

const HEADS: RepositoryQuery<WantedHead, HeadPart> = {
  build: (wanted) => {
    const ids: string[] = [];
    const creating: string[] = [];
    const places = wanted.map(({ nodeId, branches }) =>
      branches === 'default' ? ['nodes', ids.push(nodeId) - 1] : ['creating', creating.push(nodeId) - 1],
    );
    const parts = [
      ...(ids.length > 0 ? [{ variable: '$ids: [ID!]!', selection: SELECTIONS.default }] : []),
      ...(creating.length > 0 ? [{ variable: '$creating: [ID!]!', selection: SELECTIONS.all }] : []),
    ];
    return {
      text: `query (${parts.map(({ variable }) => variable).join(', ')}) {
        ${parts.map(({ selection }) => selection).join('\n')}
      }
      fragment Head on Repository {
        name isArchived pushedAt owner { login }
        defaultBranchRef { ...Branch target { ... on Commit { ${CREATE_FILE} } } }
      }
      fragment Branch on Ref { name target { ... on Commit { oid committedDate ${ITEM_FILE} } } }`,
      variables: { ...(ids.length > 0 && { ids }), ...(creating.length > 0 && { creating }) },
      places,
    };
  },
  part: HeadPart,
  size: ({ heads }) => heads,
  isOptional: (path, part) => {
    if (path[0] === 'creating') return hasItem(HeadPart.safeParse(part).data);
    if (path.at(-1) === 'createFile') return !hasItem(HeadPart.safeParse(part).data);
    return path[0] === 'isEmpty' || path[0] === 'pushedAt' || path.at(-1) === 'committedDate';
  },
};

const hasItem = (part: HeadPart | undefined): boolean => Boolean(part?.defaultBranchRef?.target?.file);

/**
 * Reads the head of each repository's followed branch. That is the default branch if it has item.json, else the
 * `create_` branch with item.json whose head is the newest. A query for 100 repositories costs one point.
 *
 * GitHub takes long to find the `create_` branches of a repository, so they are queried only where they are needed: in
 * a second query, or, for those that `hadCreateBranch` names, at once. The second answer alone decides, because the
 * default branch may have changed since the first.
 * @returns a reading for every repository, or for a part of them if `context.stop` says that time has run out.
 * @throws DeferredError if GitHub asks to wait or is down, or stopped by `context.stop`; SyncError
 * `GitHubCredentialsRejected`.
 */
export async function readHeads(
  context: GitHubContext,
  repositories: readonly ListedRepository[],
  hadCreateBranch: (id: ItemBankId) => boolean = () => false,
): Promise<Map<ItemBankId, HeadReading>> {
  const query = (heads: typeof HEADS, wanted: readonly WantedHead[]) =>
    queryRepositories(
      context,
      heads,
      chunksOf(wanted, { count: heads.size(context.github.querySizes).current() }),
    );
  const first = await query(
    HEADS,
    repositories.map((repository) => ({
      repository,
      nodeId: repository.nodeId,
      branches: hadCreateBranch(repository.itemBankId) ? 'all' : 'default',
    })),
  );
  const again = new Map<WantedHead, WantedHead>();
  for (const [wanted, reading] of first) {
    const isOpen = wanted.branches === 'default' && reading.kind === 'read' && !hasItem(reading.part);
    if (isOpen) again.set(wanted, { ...wanted, branches: 'all' });
  }
  const second = await query({ ...HEADS, size: ({ branches }) => branches }, [...again.values()]);
  return new Map(
    [...first].flatMap(([wanted, reading]) => {
      const wantedAgain = again.get(wanted);
      const decisive = wantedAgain ? second.get(wantedAgain) : reading;
      return decisive ? [[wanted.repository.itemBankId, headReading(decisive)]] : [];
    }),
  );
}

function headReading(reading: PartReading<HeadPart>): HeadReading {
  if (reading.kind === 'failed') return reading;
  const { name, isArchived } = reading.part;
  return { repositoryName: name, archived: isArchived, ...headIn(reading) };
}

function headIn({
  part,
  headers,
}: Extract<PartReading<HeadPart>, { kind: 'read' }>):
  | Omit<NamedHead, 'repositoryName' | 'archived'>
  | FailedReading {
  const { pushedAt, isEmpty, defaultBranchRef } = part;
  const pushed = pushedAt !== undefined && { pushedAt };
  const [main] = headsOf(defaultBranchRef ? [defaultBranchRef] : []);
  if (main) {
    const isBeingCreated = defaultBranchRef?.target?.createFile;
    if (isBeingCreated === undefined) {
      return undocumentedAnswer('defaultBranchRef.target.createFile: neither a file nor null', headers);
    }
    return { kind: 'read', ...pushed, head: { ...main.head, isBeingCreated } };
  }
  const parsed = CreatingPart.safeParse(part);
  if (!parsed.success) return undocumentedAnswer(answerFaults(parsed.error), headers);
  const { nodes, pageInfo } = parsed.data.creating;
  if (pageInfo.hasNextPage) {
    return failedReading('GITHUB_ERROR', `more than 100 branch names contain ${CREATE_PREFIX}`);
  }
  // GitHub's search finds the prefix anywhere in a name.
  const heads = headsOf(nodes.filter(({ name: branch }) => isCreateBranch(branch)));
  const undated = heads.find(({ committedAt }) => committedAt === undefined);
  if (undated && heads.length > 1) {
    return undocumentedAnswer(`creating: no committedDate of the branch ${undated.head.branch}`, headers);
  }
  const [newest] = heads.sort(byTime);
  if (newest) return { kind: 'read', ...pushed, head: { ...newest.head, isBeingCreated: true } };
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
