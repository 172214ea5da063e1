import type { Octokit } from '@octokit/rest';
import { describe, expect, it } from 'vitest';
import { ORGANIZATION, start } from './support.ts';

interface Target {
  oid: string;
  committedDate: string;
}

interface RepositoryNode {
  databaseId: number;
  name: string;
  pushedAt: string;
  isEmpty: boolean;
  defaultBranchRef: { name: string; target: Target };
  item: { oid: string; byteSize: number; isBinary: boolean; isTruncated: boolean; text: string } | null;
  head: Target;
  created: { totalCount: number; nodes: { name: string; target: Target & { file: unknown } }[] };
}

/** The query of the nightly run for a batch. */
const BATCH = `query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Repository {
      databaseId id name nameWithOwner isArchived isDisabled isEmpty isPrivate pushedAt createdAt
      defaultBranchRef { name target { oid ... on Commit { committedDate } } }
      item: object(expression: "HEAD:item.json") { ... on Blob { oid byteSize isBinary isTruncated text } }
      head: object(expression: "HEAD") { ... on Commit { oid committedDate } }
      created: refs(
        refPrefix: "refs/heads/", query: "create_", first: 10,
        orderBy: { field: TAG_COMMIT_DATE, direction: DESC }
      ) {
        totalCount
        pageInfo { hasNextPage }
        nodes { name target { oid ... on Commit { committedDate file(path: "item.json") { object { ... on Blob { text } } } } } }
      }
    }
  }
}`;

async function batch(octokit: Octokit): Promise<RepositoryNode[]> {
  const { data } = await octokit.rest.repos.listForOrg({ org: ORGANIZATION, per_page: 100 });
  const { nodes } = await octokit.graphql<{ nodes: RepositoryNode[] }>(BATCH, {
    ids: data.map(({ node_id }) => node_id),
  });
  return nodes;
}

describe('a batch of repositories', () => {
  it('returns heads, items and branches of items being created', async () => {
    const { octokit } = await start();
    const nodes = await batch(octokit);
    expect(nodes).toHaveLength(25);
    for (const { isEmpty, head, defaultBranchRef, item, name } of nodes) {
      expect({ isEmpty, target: defaultBranchRef.target }).toEqual({ isEmpty: false, target: head });
      expect(head.oid).toMatch(/^[0-9a-f]{40}$/);
      if (item === null) continue;
      expect(item).toMatchObject({
        isBinary: false,
        isTruncated: false,
        byteSize: Buffer.byteLength(item.text),
      });
      expect(JSON.parse(item.text)).toMatchObject({ id: name.replace('item-', '') });
    }
    const onlyCreated = nodes.filter(({ item }) => item === null);
    expect(onlyCreated.map(({ created }) => created.totalCount)).toEqual([1]);
    expect(onlyCreated[0]?.created.nodes[0]).toMatchObject({
      name: expect.stringMatching(/^create_[a-z]+$/),
      target: { file: { object: { text: expect.stringContaining('workflowStatusCode') } } },
    });
  });

  it('is unchanged after a restart with the same seed', async () => {
    const [first, second] = [await start(), await start()];
    expect(await batch(first.octokit)).toEqual(await batch(second.octokit));
  });

  it('can be queried with the rate limit, which is null when off', async () => {
    const { octokit } = await start();
    const { data } = await octokit.rest.repos.listForOrg({ org: ORGANIZATION, per_page: 1 });
    const query = BATCH.replace('nodes(ids', 'rateLimit(dryRun: true) { cost } nodes(ids');
    const answer = await octokit.graphql<{ nodes: unknown[] }>(query, { ids: [data[0]?.node_id] });
    expect(answer.nodes).toHaveLength(1);
  });
});

describe('an object', () => {
  const objectsOf = (octokit: Octokit, name: string, fields: string) =>
    octokit.graphql<{ repository: Record<string, unknown> }>(
      `{ repository(owner: "${ORGANIZATION}", name: "${name}") { ${fields} } }`,
    );

  it('is null for an expression that does not resolve', async () => {
    const { octokit } = await start();
    const name = (await batch(octokit))[0]?.name ?? '';
    const { repository } = await objectsOf(
      octokit,
      name,
      `a: object(expression: "HEAD:nothing.json") { oid }
       b: object(expression: "nowhere:item.json") { oid }
       c: object(oid: "0000000000000000000000000000000000000000") { oid }
       d: ref(qualifiedName: "refs/heads/nowhere") { name }`,
    );
    expect(repository).toEqual({ a: null, b: null, c: null, d: null });
  });

  it('is found by branch, by commit, by object id, and as a tree', async () => {
    const { octokit } = await start();
    const node = (await batch(octokit)).find(({ item }) => item !== null);
    const { repository } = await objectsOf(
      octokit,
      node?.name ?? '',
      `a: object(expression: "main:item.json") { oid __typename }
       b: object(expression: "${node?.head.oid}:item.json") { oid __typename }
       c: object(oid: "${node?.item?.oid}") { oid __typename }
       d: object(expression: "HEAD:") { __typename ... on Tree { entries { name type } } }
       e: ref(qualifiedName: "main") { name prefix target { oid } }`,
    );
    const item = { oid: node?.item?.oid, __typename: 'Blob' };
    expect(repository).toMatchObject({
      a: item,
      b: item,
      c: item,
      d: { __typename: 'Tree', entries: expect.arrayContaining([{ name: 'item.json', type: 'blob' }]) },
      e: { name: 'main', prefix: 'refs/heads/', target: { oid: node?.head.oid } },
    });
  });

  it('has a history, page by page', async () => {
    const { octokit } = await start();
    const history = async (name: string, first: number, after?: string): Promise<string[]> => {
      const { repository } = await octokit.graphql<{
        repository: {
          object: {
            history: {
              totalCount: number;
              pageInfo: { hasNextPage: boolean; endCursor: string };
              nodes: { oid: string; author: { name: string } }[];
            };
          };
        };
      }>(
        `query ($name: String!, $first: Int!, $after: String) {
          repository(owner: "${ORGANIZATION}", name: $name) {
            object(expression: "HEAD") { ... on Commit { history(path: "item.json", first: $first, after: $after) {
              totalCount pageInfo { hasNextPage endCursor }
              nodes { oid committedDate authoredDate message author { name email date user { login } } parents(first: 2) { totalCount } }
            } } }
          }
        }`,
        { name, first, after },
      );
      const { nodes, pageInfo } = repository.object.history;
      const oids = nodes.map(({ oid }) => oid);
      return pageInfo.hasNextPage ? [...oids, ...(await history(name, first, pageInfo.endCursor))] : oids;
    };
    for (const { name } of await batch(octokit)) {
      const all = await history(name, 100);
      expect(await history(name, 2)).toEqual(all);
      const { data } = await octokit.rest.repos.listCommits({
        owner: ORGANIZATION,
        repo: name,
        path: 'item.json',
      });
      expect(data.map(({ sha }) => sha)).toEqual(all);
    }
  });
});
