import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { connect, ORGANIZATION, start, TOKEN } from './support.ts';

describe('an account', () => {
  it("is the token's owner, a person, or the organization", async () => {
    const { octokit } = await start();
    const { data: viewer } = await octokit.rest.users.getAuthenticated();
    expect(viewer).toMatchObject({ login: 'item-bank-operator', type: 'User' });
    expect((await octokit.rest.users.getByUsername({ username: viewer.login })).data).toEqual(viewer);
    const person = await octokit.rest.users.getByUsername({ username: 'GLindqvist' });
    expect(person.data).toMatchObject({ login: 'glindqvist', name: 'Greta Lindqvist', type: 'User' });
    const { data: organization } = await octokit.rest.orgs.get({ org: ORGANIZATION });
    const asUser = await octokit.rest.users.getByUsername({ username: ORGANIZATION });
    expect(asUser.data).toMatchObject({
      id: organization.id,
      node_id: organization.node_id,
      type: 'Organization',
    });
    await expect(octokit.rest.users.getByUsername({ username: 'nobody' })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('is the same in GraphQL', async () => {
    const { octokit } = await start();
    const query = `{
      viewer { login databaseId }
      person: user(login: "GLindqvist") { name }
      bank: repositoryOwner(login: "item-bank") { __typename login repositories(first: 1) { totalCount } }
      owner: repositoryOwner(login: "glindqvist") { __typename login }
      nobody: repositoryOwner(login: "nobody") { login }
    }`;
    expect(await octokit.graphql(query)).toEqual({
      viewer: { login: 'item-bank-operator', databaseId: 1 },
      person: { name: 'Greta Lindqvist' },
      bank: { __typename: 'Organization', login: ORGANIZATION, repositories: { totalCount: 25 } },
      owner: { __typename: 'User', login: 'glindqvist' },
      nobody: null,
    });
    await expect(octokit.graphql('{ user(login: "nobody") { login } }')).rejects.toMatchObject({
      errors: [{ type: 'NOT_FOUND', message: "Could not resolve to a User with the login of 'nobody'." }],
    });
  });
});

describe('the view of the organization', () => {
  const MEMBER = { token: 'of-a-member', role: 'member', scopes: ['admin:org'] } as const;
  const OWNER = { token: 'of-an-owner', role: 'admin', scopes: ['admin:org'] } as const;
  const FINE_GRAINED = { ...OWNER, token: 'fine-grained', scopes: undefined };
  const PRIVATE = { total_private_repos: 25, owned_private_repos: 25, disk_usage: expect.any(Number) };

  it.each([OWNER, FINE_GRAINED])('has the private counts for an owner: $token', async (token) => {
    const { github } = await start({ otherTokens: [token] });
    const { data } = await connect(github, token.token).rest.orgs.get({ org: ORGANIZATION });
    expect(data).toMatchObject({ public_repos: 0, ...PRIVATE });
  });

  it.each([
    ['a member', MEMBER],
    ['an owner, without the scope admin:org', { ...OWNER, scopes: ['read:org', 'repo'] }],
    ['somebody outside the organization', { ...MEMBER, role: undefined }],
  ])('has no private counts for %s', async (_, token) => {
    const { github } = await start({ otherTokens: [token] });
    const { data } = await connect(github, token.token).rest.orgs.get({ org: ORGANIZATION });
    expect(data).toMatchObject({ login: ORGANIZATION, public_repos: 0 });
    for (const name of Object.keys(PRIVATE)) expect(data).not.toHaveProperty(name);
  });
});

describe('the membership of the authenticated user', () => {
  const READER = { token: 'another', scopes: ['read:org'] } as const;
  const membershipBy = async (
    role: 'admin' | 'member' | undefined,
    scopes: readonly string[] | undefined,
  ) => {
    const { github } = await start({ otherTokens: [{ ...READER, role, scopes }] });
    const { rest } = connect(github, READER.token);
    return rest.orgs.getMembershipForAuthenticatedUser({ org: ORGANIZATION });
  };

  it.each(['admin', 'member'] as const)('has the role of the user: %s', async (role) => {
    const { data, headers } = await membershipBy(role, READER.scopes);
    expect(data).toMatchObject({
      role,
      state: 'active',
      organization: { login: ORGANIZATION },
      user: { login: 'item-bank-operator' },
    });
    expect(headers['x-oauth-scopes']).toBe('read:org');
  });

  it('has no scopes if the token is fine-grained', async () => {
    expect((await membershipBy('admin', undefined)).headers['x-oauth-scopes']).toBeUndefined();
  });

  it('is not found if the user is no member, and forbidden without a scope for it', async () => {
    await expect(membershipBy(undefined, READER.scopes)).rejects.toMatchObject({ status: 404 });
    await expect(membershipBy('admin', ['repo'])).rejects.toMatchObject({ status: 403 });
  });
});

describe('a token that is limited to selected repositories', () => {
  it('cannot be limited to one that does not exist', async () => {
    const token = { token: 'limited', role: 'member', scopes: ['repo'], repositories: ['nothing'] } as const;
    await expect(start({ otherTokens: [token] })).rejects.toThrow(
      'A token is limited to nothing, which does not exist.',
    );
  });
});

describe('the root of the API', () => {
  it("lists the API's URLs and the token's scopes", async () => {
    const { octokit, github } = await start();
    const { data, headers } = await octokit.rest.meta.root();
    expect(data.current_user_url).toBe(`${github.url}/user`);
    expect(data.repository_url).toBe(`${github.url}/repos/{owner}/{repo}`);
    expect(headers['x-oauth-scopes']).toBe('admin:org_hook, admin:repo_hook, read:org, repo');
  });
});

describe('a client that uses the server as its proxy', () => {
  it('gets answers for the host that it named', async () => {
    const { github } = await start();
    const asked = request(github.url, {
      path: `http://api.github.localhost/orgs/${ORGANIZATION}`,
      headers: { authorization: `token ${TOKEN}`, host: 'api.github.localhost', 'user-agent': 'test' },
    }).end();
    const [answer] = await once(asked, 'response');
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(await text(answer)).repos_url).toBe(
      `http://api.github.localhost/orgs/${ORGANIZATION}/repos`,
    );
  });
});

describe('the GraphQL mutations that gh uses', () => {
  const createRepository = `mutation ($input: CreateRepositoryInput!) {
    createRepository(input: $input) { clientMutationId repository { id name isPrivate url } } }`;

  it('create, archive and unarchive a repository', async () => {
    const { octokit, github } = await start();
    const { data } = await octokit.rest.orgs.get({ org: ORGANIZATION });
    const wanted = { name: 'item-9', visibility: 'PRIVATE', hasIssuesEnabled: true, hasWikiEnabled: true };
    const input = { ...wanted, ownerId: data.node_id, clientMutationId: 'mine' };
    const created = await octokit.graphql<{ createRepository: { repository: { id: string } } }>(
      createRepository,
      { input },
    );
    const { id } = created.createRepository.repository;
    expect(created).toEqual({
      createRepository: {
        clientMutationId: 'mine',
        repository: { id, name: 'item-9', isPrivate: true, url: `${github.url}/${ORGANIZATION}/item-9` },
      },
    });
    for (const [mutation, isArchived] of [
      ['archiveRepository', true],
      ['unarchiveRepository', false],
    ] as const) {
      const change = `mutation { ${mutation}(input: { repositoryId: "${id}" }) { repository { isArchived } } }`;
      expect(await octokit.graphql(change)).toEqual({ [mutation]: { repository: { isArchived } } });
    }
    await expect(octokit.graphql(createRepository, { input })).rejects.toMatchObject({
      errors: [{ type: 'UNPROCESSABLE', message: 'name already exists on this account' }],
    });
  });

  it.each([
    { what: 'no owner', input: {}, type: 'NOT_FOUND' },
    { what: 'another owner', input: { ownerId: 'U_kgDOAAAAAQ' }, type: 'NOT_FOUND' },
    { what: 'an unsupported setting', input: { template: true }, type: 'NOT_SIMULATED' },
  ])('are refused with $what', async ({ input, type }) => {
    const { octokit } = await start();
    const { data } = await octokit.rest.orgs.get({ org: ORGANIZATION });
    const owner = 'template' in input ? { ownerId: data.node_id } : {};
    const creation = octokit.graphql(createRepository, {
      input: { name: 'item-9', visibility: 'PRIVATE', ...owner, ...input },
    });
    await expect(creation).rejects.toMatchObject({ errors: [{ type }] });
  });

  it('are refused for an unknown repository', async () => {
    const { github } = await start();
    const change = `mutation { archiveRepository(input: { repositoryId: "R_kgDOAAAAAQ" }) { clientMutationId } }`;
    await expect(connect(github, TOKEN).graphql(change)).rejects.toMatchObject({
      errors: [{ type: 'NOT_FOUND', path: ['archiveRepository'] }],
    });
  });
});
