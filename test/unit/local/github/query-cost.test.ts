import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { queryCost, type Variables } from '../../../../local/github/graphql/query-cost.ts';

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

  it('counts each id of `nodes` as one parent', () => {
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository {
      refs(first: 100) { nodes { name } } defaultBranchRef { target { ... on Commit { history(first: 10) { nodes { oid } } } } } } } }`;
    const ids = Array.from({ length: 100 }, String);
    // 100 requests for the refs and 100 for the histories.
    expect(cost(query, { ids })).toEqual({ cost: 2, nodeCount: 11_000 });
  });

  it('counts every alias as a connection of its own', () => {
    const alias = (index: number) => `r${index}: repository { refs(first: 10) { nodes { name } } }`;
    const query = `{ ${Array.from({ length: 160 }, (_, index) => alias(index)).join(' ')} }`;
    expect(cost(query)).toEqual({ cost: 2, nodeCount: 1_600 });
  });

  it('follows named and inline fragments', () => {
    const spread = `query { organization { ...r } } fragment r on Organization { repositories(first: 7) { nodes { id } } }`;
    const inline = `{ organization { ... on Organization { repositories(last: 7) { nodes { id } } } } }`;
    expect(cost(spread).nodeCount).toBe(7);
    expect(cost(inline).nodeCount).toBe(7);
  });

  it('reads bounds from variables, and counts only the executed operation', () => {
    const query = `query a($n: Int) { organization { repositories(first: $n) { nodes { id } } } }
      query b { viewer { login } }`;
    expect(cost(query, { n: 12 }, 'a').nodeCount).toBe(12);
    expect(cost(query, { n: 12 }, 'b').nodeCount).toBe(0);
  });

  it('uses the defaults of omitted variables', () => {
    const query = `query ($n: Int = 30) { organization { repositories(first: $n) { nodes { id } } } }`;
    expect(cost(query).nodeCount).toBe(30);
    expect(cost(query, { n: 12 }).nodeCount).toBe(12);
  });
});
