import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { queryCost, type Variables } from '../../../local/github/graphql/query-cost.ts';

const cost = (query: string, variables: Variables = {}, operationName?: string) =>
  queryCost(parse(query), operationName, variables);

describe('queryCost', () => {
  it.each([
    { query: '{ viewer { login } }', cost: 1, nodeCount: 0 },
    { query: '{ nodes(ids: ["a", "b"]) { id } }', cost: 1, nodeCount: 0 },
    { query: '{ organization { repositories(first: 100) { totalCount } } }', cost: 1, nodeCount: 100 },
    // The worked example in GitHub's documentation: 1 + 100 + 100 * 50 requests, 100 + 5,000 + 300,000 nodes.
    {
      query: `{ viewer { repositories(first: 100) { edges { node { issues(first: 50) { edges { node {
        labels(first: 60) { edges { node { name } } } } } } } } } } }`,
      cost: 51,
      nodeCount: 305_100,
    },
  ])('counts $cost points and $nodeCount nodes', ({ query, ...expected }) => {
    expect(cost(query)).toEqual(expected);
  });

  it('follows fragments, of either kind', () => {
    const spread = `query { organization { ...r } } fragment r on Organization { repositories(first: 7) { nodes { id } } }`;
    const inline = `{ organization { ... on Organization { repositories(last: 7) { nodes { id } } } } }`;
    expect(cost(spread).nodeCount).toBe(7);
    expect(cost(inline).nodeCount).toBe(7);
  });

  it('reads bounds from variables and counts the operation that is run', () => {
    const query = `query a($n: Int) { organization { repositories(first: $n) { nodes { id } } } }
      query b { viewer { login } }`;
    expect(cost(query, { n: 12 }, 'a').nodeCount).toBe(12);
    expect(cost(query, { n: 12 }, 'b').nodeCount).toBe(0);
  });
});
