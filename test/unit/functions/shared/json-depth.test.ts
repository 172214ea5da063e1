import { describe, expect, it } from 'vitest';
import { isNestedDeeper } from '../../../../functions/shared/contract/json-depth.ts';

describe('the depth of JSON', () => {
  it.each([
    ['[[]]', false],
    ['[[[]]]', true],
    ['{"a":{"b":1}}', false],
    ['{"a":{"b":[]}}', true],
    ['[[],[],[],[]]', false],
    ['["[[[", {"{{{": "]]]"}]', false],
    ['["\\"[[[", "\\\\", []]', false],
    ['["\\\\", [[]]]', true],
    ['["\\u005b[[[[["]', false],
    ['"[[[[[[', false],
    ['', false],
    ['[[[[[[', true],
  ])('is counted outside of strings: %s', (json, isDeeper) => {
    expect(isNestedDeeper(json, 2)).toBe(isDeeper);
  });

  it('is found at once in a text that only opens', () => {
    expect(isNestedDeeper('['.repeat(1_000_000), 1_000)).toBe(true);
  });
});
