import { chunksOf } from '../shared/chunks.ts';
import type { ItemBankId } from '../shared/contract/ids.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import * as z from '../shared/zod.ts';
import type { BankRequest } from './github.ts';
import { ask, OwnedPart, type Question } from './graphql.ts';
import { ITEM_FILE, ItemFile, ObjectId, Time } from './item-file.ts';
import { type Troubled, troubled } from './trouble.ts';

/** The branch that is followed, as it is now. */
interface Head {
  branch: string;
  /** It is a branch on which an item is made that the default branch does not have yet. */
  isBeingCreated: boolean;
  commit: string;
  /** Of item.json. */
  blob: { oid: string; byteSize: number };
}

export type HeadReading = { kind: 'read'; name: string; archived: boolean; head: Head } | Troubled;

// GitHub takes no more ids in one query.
const MOST_IDS = 100;
const CREATING = 'create_';

const Branch = z.object({
  name: z.string(),
  target: z.nullable(z.object({ oid: ObjectId, committedDate: Time, file: ItemFile })),
});
type Branch = z.infer<typeof Branch>;
const Repository = z.extend(OwnedPart, {
  name: z.string(),
  isArchived: z.boolean(),
  isEmpty: z.boolean(),
  defaultBranchRef: z.nullable(Branch),
  creating: z.object({
    nodes: z.array(Branch),
    pageInfo: z.object({ hasNextPage: z.boolean() }),
  }),
});
type Repository = z.infer<typeof Repository>;

const HEADS: Question<ListedRepository, Repository> = {
  query: (repositories) => ({
    text: `query ($ids: [ID!]!) {
      nodes(ids: $ids) {
        ... on Repository {
          name isArchived isEmpty owner { login }
          defaultBranchRef { ...Branch }
          creating: refs(refPrefix: "refs/heads/", query: "${CREATING}", first: 100) {
            nodes { ...Branch }
            pageInfo { hasNextPage }
          }
        }
      }
    }
    fragment Branch on Ref { name target { ... on Commit { oid committedDate ${ITEM_FILE} } } }`,
    variables: { ids: repositories.map(({ nodeId }) => nodeId) },
  }),
  placeOf: (index) => ['nodes', index],
  part: Repository,
};

/**
 * Reads the branch that is followed of each repository: the default branch where it has item.json, else that one of
 * the `create_` branches with item.json whose head is the newest. Costs one point of GitHub's limit for 100 of them.
 * @returns a reading for every one of them.
 * @throws RateLimited; SyncError `GitHubCredentialsRejected`.
 */
export async function readHeads(
  request: BankRequest,
  repositories: readonly ListedRepository[],
): Promise<Map<ItemBankId, HeadReading>> {
  const answers = await ask(request, HEADS, chunksOf(repositories, { count: MOST_IDS }));
  const readings = new Map<ItemBankId, HeadReading>();
  for (const [{ itemBankId }, answer] of answers) {
    readings.set(itemBankId, answer.kind === 'trouble' ? answer : readingOf(answer.part));
  }
  return readings;
}

function readingOf({ name, isArchived, isEmpty, defaultBranchRef, creating }: Repository): HeadReading {
  const read = (head: Head): HeadReading => ({ kind: 'read', name, archived: isArchived, head });
  const [main] = headsOf(defaultBranchRef ? [defaultBranchRef] : []);
  if (main) return read({ ...main.head, isBeingCreated: false });
  if (creating.pageInfo.hasNextPage) {
    return troubled('GITHUB_ERROR', `more than 100 branches have ${CREATING} in their names`);
  }
  const candidates = headsOf(creating.nodes.filter((branch) => branch.name.startsWith(CREATING)));
  const [newest] = candidates.sort(newestFirst);
  if (newest) return read({ ...newest.head, isBeingCreated: true });
  if (isEmpty) return troubled('REPOSITORY_EMPTY', 'it has no commit yet');
  const followed = defaultBranchRef?.name ?? 'the default branch';
  return troubled('ITEM_JSON_MISSING', `neither ${followed} nor a ${CREATING} branch has item.json`);
}

interface Candidate {
  committedAt: string;
  head: Omit<Head, 'isBeingCreated'>;
}

/** Of the branches, those that have item.json. */
function headsOf(branches: readonly Branch[]): Candidate[] {
  return branches.flatMap(({ name, target }) =>
    target?.file
      ? { committedAt: target.committedDate, head: { branch: name, commit: target.oid, blob: target.file } }
      : [],
  );
}

/** Of two that were committed in the same second, the first by name: any, but always the same one. */
function newestFirst(a: Candidate, b: Candidate): number {
  if (a.committedAt !== b.committedAt) return a.committedAt > b.committedAt ? -1 : 1;
  return a.head.branch < b.head.branch ? -1 : 1;
}
