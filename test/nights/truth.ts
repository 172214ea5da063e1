import pMap from 'p-map';
import * as z from 'zod';
import { type ItemBankId, itemBankId } from '../../functions/shared/contract/ids.ts';
import type { Organization } from '../property/organization.ts';
import { ORGANIZATION } from '../support/bank.ts';

/** A repository as GitHub shows it, read without any code of the product. */
export interface TrueRepository {
  itemBankId: ItemBankId;
  repositoryName: string;
  archived: boolean;
  /** Undefined if it has no item.json that can be read. */
  item?: TrueItem;
}

interface TrueItem {
  branch: string;
  headCommit: string;
  itemId: string;
  /** The commits that changed item.json. */
  commits: number;
}

const Branch = z.object({
  name: z.string(),
  target: z.object({
    oid: z.string(),
    committedDate: z.string(),
    history: z.object({ totalCount: z.number() }),
    file: z.object({ object: z.object({ text: z.string() }) }).nullable(),
  }),
});
type Branch = z.infer<typeof Branch>;

const Page = z.object({
  organization: z.object({
    repositories: z.object({
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
      nodes: z.array(
        z.object({
          databaseId: z.number(),
          name: z.string(),
          isArchived: z.boolean(),
          defaultBranchRef: Branch.nullable(),
          creating: z.object({ nodes: z.array(Branch) }),
        }),
      ),
    }),
  }),
});

const QUERY = `query ($login: String!, $after: String) {
  organization(login: $login) {
    repositories(first: 50, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        databaseId name isArchived
        defaultBranchRef { ...Branch }
        creating: refs(refPrefix: "refs/heads/", query: "create_", first: 10) { nodes { ...Branch } }
      }
    }
  }
}
fragment Branch on Ref {
  name
  target {
    ... on Commit {
      oid committedDate
      history(path: "item.json", first: 1) { totalCount }
      file(path: "item.json") { object { ... on Blob { text } } }
    }
  }
}`;

export async function readTruth({ github }: Organization): Promise<TrueRepository[]> {
  const found: TrueRepository[] = [];
  let after: string | null = null;
  do {
    const page: z.infer<typeof Page> = Page.parse(
      await github.graphql(QUERY, { login: ORGANIZATION, after }),
    );
    const { pageInfo, nodes } = page.organization.repositories;
    for (const { databaseId, name, isArchived, defaultBranchRef, creating } of nodes) {
      const branch = followedBranch(defaultBranchRef, creating.nodes);
      const item = branch && itemOf(branch);
      const repository = { itemBankId: itemBankId(databaseId), repositoryName: name, archived: isArchived };
      found.push({ ...repository, ...(item && { item }) });
    }
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}

/** The default branch, or the newest branch of an item that is being created, if only that has item.json. */
function followedBranch(main: Branch | null, creating: readonly Branch[]): Branch | undefined {
  if (main?.target.file) return main;
  const withItem = creating.filter(({ name, target }) => name.startsWith('create_') && target.file);
  const newest = withItem
    .map(({ target }) => target.committedDate)
    .sort()
    .at(-1);
  return withItem
    .filter(({ target }) => target.committedDate === newest)
    .sort((a, b) => (a.name < b.name ? -1 : 1))[0];
}

function itemOf({ name, target }: Branch): TrueItem | undefined {
  const itemId = itemIdIn(target.file?.object.text ?? '');
  if (itemId === undefined) return undefined;
  return { branch: name, headCommit: target.oid, itemId, commits: target.history.totalCount };
}

function itemIdIn(text: string): string | undefined {
  try {
    const { id, type } = JSON.parse(text) as { id?: unknown; type?: unknown };
    const digits = /^\d+$/.exec(String(id).trim())?.[0];
    return typeof type === 'string' ? digits : undefined;
  } catch {
    return undefined;
  }
}

const CONCURRENCY = 8;

/** The URLs of the active webhooks of each repository that is not archived, by its name. */
export async function readWebhooks(
  { github }: Organization,
  truth: readonly TrueRepository[],
): Promise<Map<string, (string | undefined)[]>> {
  const changeable = truth.filter(({ archived }) => !archived);
  const read = async ({ repositoryName: repo }: TrueRepository) => {
    const { data } = await github.rest.repos.listWebhooks({ owner: ORGANIZATION, repo });
    return [repo, data.filter(({ active }) => active).map(({ config }) => config.url)] as const;
  };
  return new Map(await pMap(changeable, read, { concurrency: CONCURRENCY }));
}
