import { describe, expect, it } from 'vitest';
import { findRepository, seesAllRepositories } from '../../../functions/github/find-repository.ts';
import { DeferredError } from '../../../functions/shared/deferral.ts';
import { connect, FORBIDDEN, HTML, ORGANIZATION, startBank } from '../../support/bank.ts';
import { skipPauses } from '../../support/clock.ts';
import { contextOf, createEmpty, type Fault } from './support.ts';

const EMPTY = { repositories: 0, withoutProjectWebhook: 0 };

async function bankOfOne(options: Parameters<typeof startBank>[0] = {}) {
  const bank = await startBank({ ...EMPTY, ...options });
  return { bank, repository: await createEmpty(bank, 'item-1') };
}

const place = { owner: ORGANIZATION, repo: 'item-1' };
const LIMITED = { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } } as const;
const failing = (pathPrefix: string, outcome: Fault['outcome']) => ({
  method: 'GET',
  pathPrefix,
  outcome,
});

describe('findRepository', () => {
  it('finds a repository of the bank with its current name, archived or not', async () => {
    const { bank, repository } = await bankOfOne();
    const { itemBankId } = repository;
    expect(await findRepository(contextOf(bank), itemBankId)).toEqual({ kind: 'in-bank', repository });
    await bank.github.rest.repos.update({ ...place, name: 'item-renamed' });
    await bank.github.rest.repos.update({ ...place, repo: 'item-renamed', archived: true });
    const context = { ...contextOf(bank), organization: 'Item-BANK' };
    expect(await findRepository(context, itemBankId)).toEqual({
      kind: 'in-bank',
      repository: { ...repository, repositoryName: 'item-renamed', archived: true },
    });
  });

  it('reports a deleted repository as gone', async () => {
    const { bank, repository } = await bankOfOne();
    await bank.github.rest.repos.delete(place);
    expect(await findRepository(contextOf(bank), repository.itemBankId)).toEqual({ kind: 'gone' });
  });

  it.each([
    ['visible', { kind: 'transferred', owner: 'another-bank' }],
    ['hidden', { kind: 'gone' }],
  ] as const)('reports a repository that was transferred and is now %s', async (transferred, found) => {
    const { bank, repository } = await bankOfOne({ transferred });
    await bank.github.rest.repos.transfer({ ...place, new_owner: 'another-bank' });
    expect(await findRepository(contextOf(bank), repository.itemBankId)).toEqual(found);
  });

  it.each([
    ['403', FORBIDDEN, 'FORBIDDEN'],
    [
      '451, because it is blocked',
      { status: 451, body: { message: 'Repository access blocked' } },
      'GITHUB_ERROR',
    ],
    ['404 with a page of a proxy', { ...HTML, status: 404 }, 'GITHUB_ERROR'],
    ['404 without a body', { status: 404, body: '' }, 'GITHUB_ERROR'],
    ['an undocumented answer', { status: 200, body: { id: 1 } }, 'GITHUB_ERROR'],
  ] as const)('does not report a repository as gone on %s', async (_, outcome, reason) => {
    const { bank, repository } = await bankOfOne();
    bank.site.fail({ ...failing('/repositories/', outcome), times: Infinity });
    skipPauses();
    const found = await findRepository(contextOf(bank), repository.itemBankId);
    expect(found).toMatchObject({ kind: 'failed', failure: { reason, message: expect.any(String) } });
  });

  it('throws if the token is rejected, or GitHub asks to wait', async () => {
    const { bank, repository } = await bankOfOne();
    const context = { ...contextOf(bank), github: connect(bank.site, 'a-bad-token') };
    await expect(findRepository(context, repository.itemBankId)).rejects.toMatchObject({
      name: 'GitHubCredentialsRejected',
    });
    bank.site.fail(failing('/repositories/', LIMITED));
    await expect(findRepository(contextOf(bank), repository.itemBankId)).rejects.toBeInstanceOf(
      DeferredError,
    );
  });
});

describe('seesAllRepositories', () => {
  const organization = (counts: object) => failing(`/orgs/${ORGANIZATION}`, { status: 200, body: counts });

  it('compares the announced count with that of the organization', async () => {
    const bank = await startBank({ repositories: 5, withoutProjectWebhook: 0 });
    expect(await seesAllRepositories(contextOf(bank), 5)).toBe(true);
    expect(await seesAllRepositories(contextOf(bank), 4)).toBe(false);
  });

  it.each([
    ['more private ones', { public_repos: 1, total_private_repos: 4 }, false],
    ['exactly as many', { public_repos: 1, total_private_repos: 3 }, true],
    ['public ones only, as a non-member sees them', { public_repos: 4 }, true],
    ['more public ones', { public_repos: 5 }, false],
  ])('counts public and private repositories: %s', async (_, counts, seesAll) => {
    const bank = await startBank(EMPTY);
    bank.site.fail(organization(counts));
    expect(await seesAllRepositories(contextOf(bank), 4)).toBe(seesAll);
  });

  it.each([
    ['an undocumented answer', { status: 200, body: {} }, 'GitHubUnavailable'],
    ['no such organization', { status: 404, body: { message: 'Not Found' } }, 'OrganizationNotFound'],
    ['a missing permission', FORBIDDEN, 'GitHubRefused'],
    ['a bad token', { status: 401, body: { message: 'Bad credentials' } }, 'GitHubCredentialsRejected'],
    ['a rate limit', LIMITED, 'DeferredError'],
  ] as const)('throws on %s', async (_, outcome, name) => {
    const bank = await startBank(EMPTY);
    bank.site.fail({ ...failing(`/orgs/${ORGANIZATION}`, outcome), times: Infinity });
    skipPauses();
    await expect(seesAllRepositories(contextOf(bank), 4)).rejects.toMatchObject({ name });
  });
});
