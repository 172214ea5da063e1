import type { Octokit } from '@octokit/rest';
import { describe, expect, it } from 'vitest';
import { PUBLISHED_LIMITS } from '../../../../local/github/simulated-github.ts';
import { ORGANIZATION, start } from './support.ts';

interface Listing {
  organization: {
    repositories: {
      totalCount: number;
      nodes: { id: string; databaseId: number; nameWithOwner: string }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  };
}

const LISTING = `query ($after: String, $orderBy: RepositoryOrder) {
  organization(login: "${ORGANIZATION}") {
    repositories(first: 10, after: $after, orderBy: $orderBy) {
      totalCount
      nodes { id databaseId nameWithOwner }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

async function listAll(octokit: Octokit, variables: object = {}): Promise<number[]> {
  const ids: number[] = [];
  let after: string | undefined;
  for (;;) {
    const { organization } = await octokit.graphql<Listing>(LISTING, { ...variables, after });
    const { nodes, pageInfo } = organization.repositories;
    ids.push(...nodes.map(({ databaseId }) => databaseId));
    if (!pageInfo.hasNextPage) return ids;
    after = pageInfo.endCursor;
  }
}

interface Refused {
  data: unknown;
  errors: unknown[];
  headers: Record<string, unknown>;
}

/** Octokit throws a `GraphqlResponseError` for an answer with errors, even if it also has data. */
async function refusalOf(octokit: Octokit, query: string, variables = {}): Promise<Refused> {
  const refusal: unknown = await octokit.graphql(query, variables).catch((error: unknown) => error);
  const isRefused = refusal instanceof Error && refusal.name === 'GraphqlResponseError';
  if (!isRefused) throw new Error('The query was not refused.', { cause: refusal });
  return refusal as Error & Refused;
}

describe('GraphQL', () => {
  it('counts and pages the same repositories as REST', async () => {
    const { octokit } = await start();
    const listed = await octokit.paginate(octokit.rest.repos.listForOrg, { org: ORGANIZATION });
    const { organization } = await octokit.graphql<Listing>(
      `{ organization(login: "ITEM-bank") { repositories { totalCount } } }`,
    );
    expect(organization.repositories.totalCount).toBe(25);
    expect((await listAll(octokit)).toSorted()).toEqual(listed.map(({ id }) => Number(id)).toSorted());
  });

  it('sorts as requested', async () => {
    const { octokit } = await start();
    const byName = await octokit.paginate(octokit.rest.repos.listForOrg, {
      org: ORGANIZATION,
      sort: 'full_name',
    });
    const ids = await listAll(octokit, { orderBy: { field: 'NAME', direction: 'DESC' } });
    expect(ids).toEqual(byName.map(({ id }) => id).toReversed());
  });

  it('finds nodes by both forms of ids, and reports unknown ones', async () => {
    const { octokit } = await start();
    const { data } = await octokit.rest.repos.listForOrg({
      org: ORGANIZATION,
      per_page: 2,
      direction: 'asc',
    });
    const ids = data.map(({ node_id }) => node_id);
    const query = `query ($ids: [ID!]!) {
      nodes(ids: $ids) { ... on Repository { databaseId isArchived isPrivate pushedAt defaultBranchRef { name } } }
    }`;
    const refusal = await refusalOf(octokit, query, { ids: [ids[0], 'R_kgDOAAAAAQ', ids[1]] });
    const expected = data.map(({ id, pushed_at }) => ({
      databaseId: id,
      isArchived: false,
      isPrivate: true,
      pushedAt: pushed_at,
      defaultBranchRef: { name: 'main' },
    }));
    expect(refusal.data).toEqual({ nodes: [expected[0], null, expected[1]] });
    expect(refusal.errors).toEqual([
      expect.objectContaining({
        type: 'NOT_FOUND',
        path: ['nodes', 1],
        message: "Could not resolve to a node with the global id of 'R_kgDOAAAAAQ'",
      }),
    ]);
  });

  it.each([
    {
      what: 'an unknown organization',
      query: '{ organization(login: "x") { login } }',
      data: { organization: null },
      error: {
        type: 'NOT_FOUND',
        path: ['organization'],
        locations: [{ line: 1, column: 3 }],
        message: "Could not resolve to an Organization with the login of 'x'.",
      },
    },
    {
      what: 'an unknown repository',
      query: '{ repository(owner: "item-bank", name: "x") { id } }',
      data: { repository: null },
      error: { type: 'NOT_FOUND', message: "Could not resolve to a Repository with the name 'item-bank/x'." },
    },
    {
      what: 'nodes without bounds',
      query: '{ organization(login: "item-bank") { repositories { nodes { id } } } }',
      data: { organization: null },
      error: { type: 'MISSING_PAGINATION_BOUNDARIES' },
    },
    {
      what: 'more than 100 nodes',
      query: '{ organization(login: "item-bank") { repositories(first: 101) { nodes { id } } } }',
      data: { organization: null },
      error: { type: 'EXCESSIVE_PAGINATION' },
    },
    {
      what: 'an invalid cursor',
      query: '{ organization(login: "item-bank") { repositories(first: 1, after: "x") { nodes { id } } } }',
      data: { organization: null },
      error: { type: 'INVALID_CURSOR_ARGUMENTS' },
    },
    {
      what: 'more than 100 ids',
      query: `{ nodes(ids: ${JSON.stringify(Array.from({ length: 101 }, String))}) { id } }`,
      data: null,
      error: {
        type: 'ARGUMENT_LIMIT',
        message: 'You may not provide more than 100 node ids; you provided 101.',
      },
    },
    {
      what: 'an unsupported field',
      query: '{ repository(owner: "item-bank", name: "NAME") { stargazerCount } }',
      data: { repository: null },
      error: {
        type: 'NOT_SIMULATED',
        message: 'The simulated GitHub does not support Repository.stargazerCount.',
      },
    },
    {
      what: 'an unsupported argument',
      query: '{ organization(login: "item-bank") { repositories(hasIssuesEnabled: true) { totalCount } } }',
      data: { organization: null },
      error: { type: 'NOT_SIMULATED', message: expect.stringContaining('hasIssuesEnabled') },
    },
    {
      what: 'an unknown field',
      query: '{ organization(login: "item-bank") { hooks } }',
      data: undefined,
      error: {
        extensions: { code: 'undefinedField', typeName: 'Organization', fieldName: 'hooks' },
        message: "Field 'hooks' doesn't exist on type 'Organization'",
      },
    },
    {
      what: 'an invalid query',
      query: '{ organization(',
      data: undefined,
      error: { message: expect.stringContaining('Syntax Error') },
    },
  ])('answers 200 with errors for $what', async ({ query, data, error }) => {
    const { octokit } = await start();
    const { data: listed } = await octokit.rest.repos.listForOrg({ org: ORGANIZATION, per_page: 1 });
    const refusal = await refusalOf(octokit, query.replace('NAME', listed[0]?.name ?? ''));
    expect(refusal.data).toEqual(data);
    expect(refusal.errors).toEqual([expect.objectContaining(error)]);
  });

  it('reports a missing query', async () => {
    const { octokit } = await start();
    const { status, data } = await octokit.request('POST /graphql', { question: 'none' });
    expect({ status, data }).toEqual({
      status: 200,
      data: { errors: [{ message: 'A query attribute must be specified and must be a string.' }] },
    });
  });

  it('has no rate limit when limits are off, and counts points when they are on', async () => {
    const query = '{ rateLimit { cost limit used remaining nodeCount } }';
    const off = await start();
    expect(await off.octokit.graphql(query)).toEqual({ rateLimit: null });
    const on = await start({ limits: PUBLISHED_LIMITS });
    await on.octokit.graphql(query);
    expect(await on.octokit.graphql(query)).toEqual({
      rateLimit: { cost: 1, limit: 5000, used: 2, remaining: 4998, nodeCount: 0 },
    });
  });

  it('answers 200 with an error when its points are used up', async () => {
    const { octokit } = await start({ limits: { ...PUBLISHED_LIMITS, graphqlPointsPerHour: 1 } });
    await octokit.graphql('{ rateLimit { cost } }');
    const refusal = await refusalOf(octokit, '{ rateLimit { cost } }');
    expect(refusal.errors).toEqual([expect.objectContaining({ type: 'RATE_LIMIT' })]);
    expect(refusal.headers).toMatchObject({
      'x-ratelimit-remaining': '0',
      'x-ratelimit-resource': 'graphql',
    });
  });
});
