import { describe, expect, it } from 'vitest';
import type { Bank } from '../../../../local/github/bank/bank.ts';
import { BankError } from '../../../../local/github/bank/bank-error.ts';
import { parseNodeId } from '../../../../local/github/bank/node-id.ts';
import { type BankOrigin, seedBank } from '../../../../local/github/bank/seed.ts';

const ORIGIN: BankOrigin = {
  organization: 'item-bank',
  seed: 7,
  repositories: 1811,
  withoutProjectWebhook: 10,
  projectWebhookUrl: 'http://127.0.0.1:4510/webhook',
  projectWebhookSecret: 's3cret',
};

const contents = (bank: Bank) =>
  [...bank.repositories.values()].map((repository) => ({ repository, hooks: bank.hooksOf(repository.id) }));

const isWithoutProjectWebhook = (bank: Bank, id: number) =>
  bank.hooksOf(id).every(({ config }) => config.url !== ORIGIN.projectWebhookUrl);

describe('seedBank', () => {
  it('creates the same bank for the same seed, and a different one for another', () => {
    expect(contents(seedBank(ORIGIN))).toEqual(contents(seedBank(ORIGIN)));
    expect(contents(seedBank(ORIGIN))).not.toEqual(contents(seedBank({ ...ORIGIN, seed: 8 })));
  });

  it('creates the same repositories when only the hooks differ', () => {
    const fewer = seedBank({ ...ORIGIN, withoutProjectWebhook: 500 });
    expect([...fewer.repositories.values()]).toEqual([...seedBank(ORIGIN).repositories.values()]);
  });

  it.each([
    { repositories: 1811, withoutProjectWebhook: 10 },
    { repositories: 100, withoutProjectWebhook: 100 },
    { repositories: 3, withoutProjectWebhook: 0 },
    { repositories: 0, withoutProjectWebhook: 0 },
  ])(
    'creates $repositories repositories, $withoutProjectWebhook of them without the project webhook',
    (size) => {
      const bank = seedBank({ ...ORIGIN, ...size });
      const missing = [...bank.repositories.keys()].filter((id) => isWithoutProjectWebhook(bank, id));
      expect(bank.repositories.size).toBe(size.repositories);
      expect(missing).toHaveLength(size.withoutProjectWebhook);
    },
  );

  it('spreads the missing webhooks over the bank, one in each tenth', () => {
    const bank = seedBank(ORIGIN);
    const tenths = [...bank.repositories.keys()]
      .map((id, index) => ({ id, tenth: Math.floor((index * 10) / 1811) }))
      .filter(({ id }) => isWithoutProjectWebhook(bank, id))
      .map(({ tenth }) => tenth);
    expect(tenths).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('refuses more missing webhooks than repositories', () => {
    expect(() => seedBank({ ...ORIGIN, repositories: 9 })).toThrow(BankError);
  });

  it('uses each name, id and hook id only once', () => {
    const bank = seedBank(ORIGIN);
    const repositories = [...bank.repositories.values()];
    const hookIds = repositories.flatMap(({ id }) => bank.hooksOf(id).map((hook) => hook.id));
    expect(new Set(repositories.map(({ name }) => name)).size).toBe(1811);
    expect(new Set(repositories.map(({ nodeId }) => nodeId)).size).toBe(1811);
    expect(new Set(hookIds).size).toBe(hookIds.length);
  });

  it('names items by number, with 32-bit ids and both forms of node ids', () => {
    const repositories = [...seedBank(ORIGIN).repositories.values()];
    expect(repositories.filter(({ name }) => !/^item-\d{6}$/.test(name))).toEqual([]);
    expect(repositories.filter(({ id }) => id >= 2 ** 31)).toEqual([]);
    expect(
      repositories.filter(({ id, nodeId }) => {
        const reference = parseNodeId(nodeId);
        return reference?.type !== 'Repository' || reference.databaseId !== id;
      }),
    ).toEqual([]);
    expect(new Set(repositories.map(({ nodeId }) => nodeId.startsWith('R_')))).toEqual(
      new Set([true, false]),
    );
  });

  it('orders the dates of creation, push and update', () => {
    const disordered = [...seedBank(ORIGIN).repositories.values()].filter(
      ({ createdAt, pushedAt, updatedAt }) => !(createdAt < pushedAt && pushedAt < updatedAt),
    );
    expect(disordered).toEqual([]);
  });
});
