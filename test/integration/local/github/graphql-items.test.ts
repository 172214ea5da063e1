import type { Octokit } from '@octokit/rest';
import { describe, expect, it } from 'vitest';
import {
  createItemRepository,
  itemHistory,
  itemRepositories,
  ORGANIZATION,
  putItem,
  start,
} from './support.ts';

const owner = ORGANIZATION;

const HEADS = `query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Repository {
      id databaseId name isArchived isEmpty owner { login }
      defaultBranchRef { name target { oid } }
      file: object(expression: "HEAD:item.json") { ... on Blob { oid byteSize isBinary isTruncated text } }
      creating: refs(refPrefix: "refs/heads/", query: "create_", first: 100) {
        nodes { name target { ... on Commit { oid committedDate file(path: "item.json") { oid type size } } } }
      }
    }
  }
}`;

interface HistoryPage {
  object: {
    history: {
      nodes: { oid: string; file: { oid: string; type: string; object: { text: string } } | null }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  };
}

const HISTORY = `history(path: "item.json", first: 2, after: $after) {
  nodes {
    oid authoredDate committedDate author { name user { login } }
    file(path: "item.json") { oid type object { ... on Blob { text } } }
  }
  pageInfo { hasNextPage endCursor }
}`;

interface Head {
  id: string;
  oid: string;
}

/** One page of the history of each item, under an alias per item. */
function histories(octokit: Octokit, heads: readonly Head[], after: string | null = null) {
  const fields = heads.map(
    ({ id, oid }, index) =>
      `r${index}: node(id: "${id}") { ... on Repository { object(oid: "${oid}") { ... on Commit { ${HISTORY} } } } }`,
  );
  const query = `query ($after: String) { ${fields.join('\n')} }`;
  return octokit.graphql<Record<string, HistoryPage | null>>(query, { after });
}

/** The node id of a repository and its head commit. */
async function headOf(octokit: Octokit, repo: string): Promise<Head> {
  const { repository } = await octokit.graphql<{
    repository: { id: string; defaultBranchRef: { target: { oid: string } } | null };
  }>(`{ repository(owner: "${owner}", name: "${repo}") { id defaultBranchRef { target { oid } } } }`);
  return { id: repository.id, oid: repository.defaultBranchRef?.target.oid ?? '' };
}

describe('the heads of a batch', () => {
  it('distinguish items from empty repositories and items being created', async () => {
    const { octokit } = await start();
    const filled = await createItemRepository(octokit, { commits: 1, name: 'item-filled' });
    const { data: empty } = await octokit.rest.repos.createInOrg({ org: owner, name: 'item-empty' });
    const { id, oid } = await headOf(octokit, filled);
    await octokit.rest.git.createRef({ owner, repo: filled, ref: 'refs/heads/create_greta', sha: oid });
    const created = await putItem(octokit, { repo: filled, edition: 2, branch: 'create_greta' });
    expect(await octokit.graphql(HEADS, { ids: [id, empty.node_id] })).toEqual({
      nodes: [
        {
          id,
          databaseId: expect.any(Number),
          name: filled,
          isArchived: false,
          isEmpty: false,
          owner: { login: owner },
          defaultBranchRef: { name: 'main', target: { oid } },
          file: {
            oid: expect.stringMatching(/^[0-9a-f]{40}$/),
            byteSize: 32,
            isBinary: false,
            isTruncated: false,
            text: '{\n  "id": "1",\n  "edition": 1\n}\n',
          },
          creating: {
            nodes: [
              {
                name: 'create_greta',
                target: {
                  oid: created,
                  committedDate: '2026-01-02T00:00:00Z',
                  file: { oid: expect.stringMatching(/^[0-9a-f]{40}$/), type: 'blob', size: 32 },
                },
              },
            ],
          },
        },
        {
          id: empty.node_id,
          databaseId: empty.id,
          name: 'item-empty',
          isArchived: false,
          isEmpty: true,
          owner: { login: owner },
          defaultBranchRef: null,
          file: null,
          creating: { nodes: [] },
        },
      ],
    });
  });

  it('contain null and an error for a deleted repository', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit);
    const { data: left } = await octokit.rest.repos.listForOrg({ org: owner, per_page: 1, direction: 'asc' });
    const { id } = await headOf(octokit, repo);
    await octokit.rest.repos.delete({ owner, repo });
    await expect(octokit.graphql(HEADS, { ids: [id, left[0]?.node_id] })).rejects.toMatchObject({
      data: { nodes: [null, { id: left[0]?.node_id }] },
      errors: [
        {
          type: 'NOT_FOUND',
          path: ['nodes', 0],
          message: `Could not resolve to a node with the global id of '${id}'`,
        },
      ],
    });
  });
});

describe('the histories of several items', () => {
  it('are in one answer, each with its own pages', async () => {
    const { octokit } = await start();
    const repositories = await itemRepositories(octokit);
    const heads = await Promise.all(repositories.map(({ name }) => headOf(octokit, name)));
    const pages = await histories(octokit, heads);
    for (const [index, { name }] of repositories.entries()) {
      const { nodes, pageInfo } = pages[`r${index}`]?.object.history ?? { nodes: [], pageInfo: undefined };
      const all = await itemHistory(octokit, name);
      expect({ nodes: nodes.length, hasNextPage: pageInfo?.hasNextPage }).toEqual({
        nodes: Math.min(2, all.length),
        hasNextPage: all.length > 2,
      });
      expect(nodes.every(({ file }) => file?.type === 'blob' && JSON.parse(file.object.text).id)).toBe(true);
    }
  });

  it('continue after a page although the branch was force-pushed meanwhile', async () => {
    const { octokit } = await start();
    const repo = await createItemRepository(octokit, { commits: 5 });
    const head = await headOf(octokit, repo);
    const { data } = await octokit.rest.repos.listCommits({ owner, repo });
    const first = await histories(octokit, [head]);
    const ref = { owner, repo, ref: 'heads/main', force: true };
    await octokit.rest.git.updateRef({ ...ref, sha: data.at(-1)?.sha ?? '' });
    const second = await histories(octokit, [head], first['r0']?.object.history.pageInfo.endCursor);
    const oids = [first, second].flatMap((page) => page['r0']?.object.history.nodes.map(({ oid }) => oid));
    expect(oids).toEqual(data.slice(0, 4).map(({ sha }) => sha));
    expect(await itemHistory(octokit, repo)).toEqual(['Edition 1']);
  });

  it('have no file at the commit that deleted it, and null for a deleted repository', async () => {
    const { octokit } = await start();
    const [kept, gone] = ['item-kept', 'item-gone'];
    for (const name of [kept, gone]) await createItemRepository(octokit, { name });
    const { data } = await octokit.rest.repos.getContent({ owner, repo: kept, path: 'item.json' });
    const sha = Array.isArray(data) ? '' : data.sha;
    const deletion = { owner, repo: kept, path: 'item.json', message: 'Take it away', sha };
    await octokit.rest.repos.deleteFile(deletion);
    const heads = [await headOf(octokit, gone), await headOf(octokit, kept)];
    await octokit.rest.repos.delete({ owner, repo: gone });
    await expect(histories(octokit, heads)).rejects.toMatchObject({
      data: {
        r0: null,
        r1: {
          object: {
            history: {
              nodes: [
                { author: { name: 'Item Bank Operator' }, file: null },
                {
                  authoredDate: '2026-01-01T00:00:00Z',
                  author: { name: 'Greta Lindqvist', user: { login: 'glindqvist' } },
                  file: { oid: sha, type: 'blob', object: { text: expect.stringContaining('edition') } },
                },
              ],
            },
          },
        },
      },
      errors: [{ type: 'NOT_FOUND', path: ['r0'] }],
    });
  });
});
