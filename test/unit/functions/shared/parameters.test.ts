import { describe, expect, it } from 'vitest';
import { oneOf, parseFilters, parsePage } from '../../../../functions/shared/parameters.ts';

const FILTERS = { colour: oneOf(['red', 'blue']), size: oneOf(['small', 'large']) };

describe('the filters of a list', () => {
  it('have a fixed order, so that a cursor is valid for the same filters in any order', () => {
    const filters = parseFilters({ size: 'small', colour: 'red' }, FILTERS);
    expect(JSON.stringify(filters)).toBe('{"colour":"red","size":"small"}');
    expect(parseFilters({}, FILTERS)).toEqual({});
  });

  it('report all faults at once', () => {
    expect(() => parseFilters({ weight: '1', colour: '', size: 'small,large' }, FILTERS)).toThrow(
      'unknown parameter weight; colour must be one of red, blue; size must be one of small, large',
    );
  });

  it('report the first ten unknown names, shortened', () => {
    const unknown = Object.fromEntries(
      Array.from({ length: 11 }, (_, index) => [`${'x'.repeat(200)}${index}`, '']),
    );
    const names = Array.from({ length: 10 }, () => `unknown parameter ${'x'.repeat(100)}`);
    expect(() => parseFilters(unknown, FILTERS)).toThrow(
      expect.objectContaining({ message: names.join('; ') }),
    );
  });

  it.each(['toString', '__proto__', 'constructor'])('do not know %s', (name) => {
    const given = JSON.parse(`{${JSON.stringify(name)}:"red"}`);
    expect(() => parseFilters(given, FILTERS)).toThrow(`unknown parameter ${name}`);
  });
});

describe('the limit of a page', () => {
  const LIMITS = { most: 50, byDefault: 20 };

  it.each([
    [undefined, 20],
    ['1', 1],
    ['50', 50],
    ['007', 7],
  ])('is read from %j as %j', (limit, expected) => {
    expect(parsePage({ limit }, LIMITS)).toEqual({ limit: expected });
  });

  it.each(['0', '51', '-1', '1.5', '', ' 1', '1e1', '1,2'])('cannot be %j', (limit) => {
    expect(() => parsePage({ limit }, LIMITS)).toThrow('limit must be a number from 1 to 50');
  });
});
