import { describe, expect, it } from 'vitest';
import {
  createRepositoryOrder,
  type Direction,
  type RepositorySort,
  SORT_KEYS,
} from '../../../../local/github/bank/repository-order.ts';
import { seedBank } from '../../../../local/github/bank/seed.ts';

const createSmallBank = () =>
  seedBank({
    organization: 'item-bank',
    seed: 1,
    repositories: 50,
    withoutProjectWebhook: 0,
    projectWebhookUrl: 'http://127.0.0.1:4510/webhook',
    projectWebhookSecret: 's3cret',
  });

describe('createRepositoryOrder', () => {
  const orders = (['created', 'updated', 'pushed', 'full_name'] satisfies RepositorySort[]).flatMap((sort) =>
    (['asc', 'desc'] satisfies Direction[]).map((direction) => ({ sort, direction })),
  );

  it.each(orders)('sorts all repositories by $sort $direction', ({ sort, direction }) => {
    const bank = createSmallBank();
    const keys = createRepositoryOrder(bank)(sort, direction).map(SORT_KEYS[sort]);
    const sorted = [...bank.repositories.values()].map(SORT_KEYS[sort]).sort();
    expect(keys).toEqual(direction === 'asc' ? sorted : sorted.toReversed());
  });

  it('sorts again after a change of a repository, but not of a hook', () => {
    const bank = createSmallBank();
    const inOrder = createRepositoryOrder(bank);
    const before = inOrder('full_name', 'asc');
    const [first, ...others] = before;
    if (first === undefined) throw new Error('The bank is empty.');

    bank.apply({ type: 'hook-deleted', repositoryId: first.id, hookId: bank.hooksOf(first.id)[0]?.id ?? 0 });
    expect(inOrder('full_name', 'asc')).toBe(before);

    const renamed = { ...first, name: 'zebra' };
    bank.apply({ type: 'repository-written', repository: renamed });
    expect(inOrder('full_name', 'asc')).toEqual([...others, renamed]);
    expect(bank.repositoryNamed('item-bank', first.name)).toBeUndefined();
    expect(bank.repositoryNamed('Item-Bank', 'ZEBRA')).toEqual(renamed);
  });
});
