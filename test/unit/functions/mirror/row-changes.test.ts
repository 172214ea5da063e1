import { describe, expect, it } from 'vitest';
import { rowBytes } from '../../../../functions/mirror/row-changes.ts';

describe('the size of a row', () => {
  it('counts names and values in bytes of UTF-8', () => {
    expect(rowBytes({ ab: 'é' })).toBe(2 + 4);
  });

  it('counts what is binary as it is', () => {
    expect(rowBytes({ ab: new Uint8Array(7) })).toBe(2 + 7);
  });

  it('counts every value of lists and maps', () => {
    expect(rowBytes({ ab: [{ c: 1 }, true] })).toBe(2 + '[{"c":1},true]'.length);
  });
});
