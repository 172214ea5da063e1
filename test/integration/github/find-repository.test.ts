import { describe, expect, it } from 'vitest';
import { findRepository } from '../../../functions/github/find-repository.ts';
import { DeferredError } from '../../../functions/shared/deferral.ts';
import { connect, FORBIDDEN, HTML, ORGANIZATION, startBank } from '../../support/bank.ts';
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
    [
      '404 in the words of a gateway',
      { status: 404, body: { message: 'no Route matched with those values' } },
      'GITHUB_ERROR',
    ],
    ['404 without a body', { status: 404, body: '' }, 'GITHUB_ERROR'],
    ['an undocumented answer', { status: 200, body: { id: 1 } }, 'GITHUB_ERROR'],
  ] as const)('does not report a repository as gone on %s', async (_, outcome, reason) => {
    const { bank, repository } = await bankOfOne();
    bank.site.fail({ ...failing('/repositories/', outcome), times: Infinity });
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

  it('names the fields that it cannot read, and needs no other than the owner of a transferred one', async () => {
    const { bank, repository } = await bankOfOne();
    const { id, login } = { id: repository.itemBankId, login: ORGANIZATION };
    const answers = [
      { id, node_id: null, name: 'item-1', owner: { login } },
      { id, node_id: 'R_1', name: 'item-1', archived: null, owner: { login } },
      { id, node_id: null, owner: { login: 'another-bank' } },
      { id, node_id: 'R_1', name: 'item-1', owner: null },
    ];
    for (const body of answers) bank.site.fail(failing('/repositories/', { status: 200, body }));
    const found = [];
    for (const _ of answers) found.push(await findRepository(contextOf(bank), repository.itemBankId));
    expect(found).toMatchObject([
      { failure: { message: expect.stringContaining('documents: node_id: ') } },
      { kind: 'in-bank', repository: { repositoryName: 'item-1', archived: false } },
      { kind: 'transferred', owner: 'another-bank' },
      { failure: { message: expect.stringContaining('documents: owner: ') } },
    ]);
  });
});
