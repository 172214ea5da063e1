import { describe, expect, it } from 'vitest';
import { findRepository, seesAllRepositories } from '../../../functions/github/find-repository.ts';
import { RateLimited } from '../../../functions/github/github-answers.ts';
import { type Bank, connect, FORBIDDEN, HTML, ORGANIZATION, startBank } from '../../support/bank.ts';
import { createEmpty, requestTo } from './support.ts';

const NOBODY = { repositories: 0, withoutProjectWebhook: 0 };

async function bankOfOne(options: Parameters<typeof startBank>[0] = {}) {
  const bank = await startBank({ ...NOBODY, ...options });
  return { bank, repository: await createEmpty(bank, 'item-1') };
}

const place = { owner: ORGANIZATION, repo: 'item-1' };
const LIMITED = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } } as const;
const failing = (pathPrefix: string, outcome: Parameters<Bank['site']['fail']>[0]['outcome']) => ({
  method: 'GET',
  pathPrefix,
  outcome,
});

describe('a repository that the listing did not have', () => {
  it('is in the bank with its present name, archived or not', async () => {
    const { bank, repository } = await bankOfOne();
    const { itemBankId } = repository;
    expect(await findRepository(requestTo(bank), itemBankId)).toEqual({ kind: 'in-bank', repository });
    await bank.github.rest.repos.update({ ...place, name: 'item-renamed' });
    await bank.github.rest.repos.update({ ...place, repo: 'item-renamed', archived: true });
    const request = { ...requestTo(bank), organization: 'Item-BANK' };
    expect(await findRepository(request, itemBankId)).toEqual({
      kind: 'in-bank',
      repository: { ...repository, repositoryName: 'item-renamed', archived: true },
    });
  });

  it('is gone when it was deleted', async () => {
    const { bank, repository } = await bankOfOne();
    await bank.github.rest.repos.delete(place);
    expect(await findRepository(requestTo(bank), repository.itemBankId)).toEqual({ kind: 'gone' });
  });

  it.each([
    ['visible', { kind: 'transferred', owner: 'another-bank' }],
    ['hidden', { kind: 'gone' }],
  ] as const)('was transferred to where it is %s', async (transferred, found) => {
    const { bank, repository } = await bankOfOne({ transferred });
    await bank.github.rest.repos.transfer({ ...place, new_owner: 'another-bank' });
    expect(await findRepository(requestTo(bank), repository.itemBankId)).toEqual(found);
  });

  it.each([
    ['the token may not', FORBIDDEN, 'FORBIDDEN'],
    ['it is blocked', { status: 451, body: { message: 'Repository access blocked' } }, 'GITHUB_ERROR'],
    ['a proxy has no such page', { ...HTML, status: 404 }, 'GITHUB_ERROR'],
    ['nobody says what there is not', { status: 404, body: '' }, 'GITHUB_ERROR'],
    ['the answer is another one', { status: 200, body: { id: 1 } }, 'GITHUB_ERROR'],
  ] as const)('is never gone when GitHub does not say so: %s', async (_, outcome, reason) => {
    const { bank, repository } = await bankOfOne();
    bank.site.fail(failing('/repositories/', outcome));
    const found = await findRepository(requestTo(bank), repository.itemBankId);
    expect(found).toMatchObject({ kind: 'trouble', reason, message: expect.any(String) });
  });

  it('cannot be looked for with a bad token, or while GitHub asks to wait', async () => {
    const { bank, repository } = await bankOfOne();
    const request = { ...requestTo(bank), github: connect(bank.site, 'a-bad-token') };
    await expect(findRepository(request, repository.itemBankId)).rejects.toMatchObject({
      name: 'GitHubCredentialsRejected',
    });
    bank.site.fail(failing('/repositories/', LIMITED));
    await expect(findRepository(requestTo(bank), repository.itemBankId)).rejects.toBeInstanceOf(RateLimited);
  });
});

describe('the token', () => {
  const organization = (counts: object) => failing(`/orgs/${ORGANIZATION}`, { status: 200, body: counts });

  it('sees every repository when it was announced as many as the organization counts', async () => {
    const bank = await startBank({ repositories: 5, withoutProjectWebhook: 0 });
    expect(await seesAllRepositories(requestTo(bank), 5)).toBe(true);
    expect(await seesAllRepositories(requestTo(bank), 4)).toBe(false);
  });

  it.each([
    ['private ones', { public_repos: 1, total_private_repos: 4 }, false],
    ['as many as there are', { public_repos: 1, total_private_repos: 3 }, true],
    ['public ones alone, for more it is not told', { public_repos: 4 }, true],
    ['more public ones', { public_repos: 5 }, false],
  ])('is told of %s', async (_, counts, seesAll) => {
    const bank = await startBank(NOBODY);
    bank.site.fail(organization(counts));
    expect(await seesAllRepositories(requestTo(bank), 4)).toBe(seesAll);
  });

  it.each([
    ['another answer', { status: 200, body: {} }, 'GitHubUnavailable'],
    ['no such organization', { status: 404, body: { message: 'Not Found' } }, 'OrganizationNotFound'],
    ['a bad token', { status: 401, body: { message: 'Bad credentials' } }, 'GitHubCredentialsRejected'],
    ['a wish to wait', LIMITED, 'RateLimited'],
  ] as const)('cannot be judged by %s', async (_, outcome, name) => {
    const bank = await startBank(NOBODY);
    bank.site.fail(failing(`/orgs/${ORGANIZATION}`, outcome));
    await expect(seesAllRepositories(requestTo(bank), 4)).rejects.toMatchObject({ name });
  });
});
