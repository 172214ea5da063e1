import { describe, expect, it } from 'vitest';
import { rowBytes } from '../../../../functions/mirror/row-changes.ts';

describe('the size of a row', () => {
  it('counts names and values in UTF-8 bytes', () => {
    expect(rowBytes({ ab: 'é' })).toBe(2 + 4);
  });

  it('counts binary values by their length', () => {
    expect(rowBytes({ ab: new Uint8Array(7) })).toBe(2 + 7);
  });

  it('counts lists and maps by their JSON', () => {
    expect(rowBytes({ ab: [{ c: 1 }, true] })).toBe(2 + '[{"c":1},true]'.length);
  });
});
