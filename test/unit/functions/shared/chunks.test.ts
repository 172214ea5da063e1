import { describe, expect, it } from 'vitest';
import { packsOf } from '../../../../functions/shared/chunks.ts';

const pack = (sizes: readonly number[]): number[][] =>
  packsOf(sizes, { count: 3, bytes: 10, bytesOf: (size) => size });

describe('packs', () => {
  it('are none of nothing', () => {
    expect(pack([])).toEqual([]);
  });

  it('are full by count', () => {
    expect(pack([1, 1, 1])).toEqual([[1, 1, 1]]);
    expect(pack([1, 1, 1, 1])).toEqual([[1, 1, 1], [1]]);
  });

  it('are full by bytes', () => {
    expect(pack([5, 5])).toEqual([[5, 5]]);
    expect(pack([5, 6])).toEqual([[5], [6]]);
  });

  it('hold one value that is larger than any of them', () => {
    expect(pack([1, 11, 1])).toEqual([[1], [11], [1]]);
  });

  it('have the limits that are given, and no other', () => {
    expect(packsOf([1, 2, 3], { count: 2 })).toEqual([[1, 2], [3]]);
    expect(packsOf([4, 4, 4], { bytes: 8, bytesOf: (size) => size })).toEqual([[4, 4], [4]]);
  });
});
