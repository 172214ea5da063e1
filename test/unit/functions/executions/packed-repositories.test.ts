import { expect, it } from 'vitest';
import {
  PackedRepositoriesCodec,
  packRepositories,
} from '../../../../functions/executions/packed-repositories.ts';
import { itemBankId } from '../../../../functions/shared/contract/ids.ts';
import type { ListedRepository } from '../../../../functions/shared/contract/repositories.ts';

const repositories = Array.from({ length: 100 }, (_, index): ListedRepository => {
  const id = 190_054_474 + index * 1_237;
  return {
    itemBankId: itemBankId(id),
    nodeId: `R_kgDO${Buffer.from(String(id)).toString('base64').slice(-6)}`,
    repositoryName: `item-${205_030 + index * 7}`,
    archived: index % 20 === 0,
  };
});

it('returns the repositories that were packed', () => {
  expect(PackedRepositoriesCodec.parse(packRepositories(repositories))).toEqual(repositories);
  expect(PackedRepositoriesCodec.parse(packRepositories([]))).toEqual([]);
});

it('packs 100 repositories into about a kilobyte', () => {
  expect(packRepositories(repositories).byteLength).toBeLessThan(1_200);
});

it.each([
  ['text', 'R_1'],
  ['a list', []],
  ['nothing', undefined],
])('rejects %s', (_, value) => {
  expect(PackedRepositoriesCodec.safeParse(value).success).toBe(false);
});
