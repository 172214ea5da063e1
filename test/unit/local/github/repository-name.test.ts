import { describe, expect, it } from 'vitest';
import { nameFault } from '../../../../local/github/bank/repository-name.ts';

describe('nameFault', () => {
  it.each(['item-1', 'Item_1.2', '-', '...', '.github', 'git', 'n'.repeat(100)])(
    'has none for %s',
    (name) => {
      expect(nameFault(name)).toBeUndefined();
    },
  );

  it.each([
    { name: '', fault: 'is empty' },
    { name: 'item 1', fault: 'has characters other than letters, digits, ".", "-" and "_"' },
    { name: 'größe', fault: 'has characters other than letters, digits, ".", "-" and "_"' },
    { name: '../item', fault: 'has characters other than letters, digits, ".", "-" and "_"' },
    { name: 'n'.repeat(101), fault: 'is longer than 100 characters' },
    { name: '..', fault: 'is reserved' },
    { name: 'item.GIT', fault: 'ends in ".git" or ".wiki"' },
    { name: 'item.wiki', fault: 'ends in ".git" or ".wiki"' },
  ])('reports that "$name" $fault', ({ name, fault }) => {
    expect(nameFault(name)).toBe(fault);
  });
});
