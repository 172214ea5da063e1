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
