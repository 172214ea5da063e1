import { describe, expect, it } from 'vitest';
import { chunksOf } from '../../../../functions/shared/chunks.ts';

const split = (sizes: readonly number[]): number[][] =>
  chunksOf(sizes, { count: 3, bytes: 10, bytesOf: (size) => size });

describe('chunksOf', () => {
  it('returns no chunks for no values', () => {
    expect(split([])).toEqual([]);
  });

  it('limits the number of values in a chunk', () => {
    expect(split([1, 1, 1])).toEqual([[1, 1, 1]]);
    expect(split([1, 1, 1, 1])).toEqual([[1, 1, 1], [1]]);
  });

  it('limits the bytes in a chunk', () => {
    expect(split([5, 5])).toEqual([[5, 5]]);
    expect(split([5, 6])).toEqual([[5], [6]]);
  });

  it('gives a value above the byte limit its own chunk', () => {
    expect(split([1, 11, 1])).toEqual([[1], [11], [1]]);
  });

  it('applies only the limits that are given', () => {
    expect(chunksOf([1, 2, 3], { count: 2 })).toEqual([[1, 2], [3]]);
    expect(chunksOf([4, 4, 4], { bytes: 8, bytesOf: (size) => size })).toEqual([[4, 4], [4]]);
  });
});
