import { describe, expect, it } from 'vitest';
import { compileEventPattern } from '../../../../local/cloud/event-pattern.ts';
import { compileFilterPattern } from '../../../../local/cloud/log-filter-pattern.ts';

describe('an event pattern', () => {
  const event = {
    source: 'aws.states',
    detail: { status: 'FAILED', tags: ['a', 'b'], count: 0, none: null },
  };

  it.each([
    [{ source: ['aws.states'] }, true],
    [{ source: ['aws.events'] }, false],
    [{ detail: { status: ['ABORTED', 'FAILED'] } }, true],
    [{ source: ['aws.states'], detail: { status: ['SUCCEEDED'] } }, false],
    [{ detail: { tags: ['b'] } }, true],
    [{ detail: { count: [0] } }, true],
    [{ detail: { count: ['0'] } }, false],
    [{ detail: { none: [null] } }, true],
    [{ detail: { status: [{ prefix: 'FAIL' }] } }, true],
    [{ detail: { status: [{ suffix: 'ED' }] } }, true],
    [{ detail: { status: [{ 'anything-but': 'FAILED' }] } }, false],
    [{ detail: { status: [{ 'anything-but': ['ABORTED'] }] } }, true],
    [{ detail: { absent: [{ exists: false }] } }, true],
    [{ detail: { absent: [{ 'anything-but': 'x' }] } }, false],
    [{ detail: { status: [{ exists: false }] } }, false],
    [{ absent: { deep: ['x'] } }, false],
  ])('%j: %s', (pattern, expected) => {
    expect(compileEventPattern(pattern)(event)).toBe(expected);
  });

  it.each([
    [{ detail: { n: [{ numeric: ['>', 1] }] } }, 'numeric'],
    [{ $or: [{ a: ['b'] }] }, '$or'],
    [{ detail: { n: [{ 'anything-but': { prefix: 'x' } }] } }, 'anything-but'],
    [{ detail: 'text' }, 'detail'],
  ])('refuses %j by name', (pattern, named) => {
    expect(() => compileEventPattern(pattern)).toThrow(named);
  });
});

describe('a log filter pattern', () => {
  const line = JSON.stringify({
    level: 'ERROR',
    id: 15,
    detail: { kind: 'a "b"' },
    message: 'sync failed here',
  });

  it.each([
    ['', true],
    ['failed', true],
    ['failed absent', false],
    ['"sync failed"', true],
    ['"failed sync"', false],
    ['{ $.level = "ERROR" }', true],
    ['{ $.level = ERROR }', true],
    ['{ $.level = "INFO" }', false],
    ['{ $.level != "INFO" }', true],
    ['{ $.id = 15 }', true],
    ['{ $.id = 1 }', false],
    ['{ $.level = "ERROR" && $.id = 15 }', true],
    ['{ $.level = "ERROR" && $.id = 16 }', false],
    ['{ $.detail.kind = "a \\"b\\"" }', true],
    ['{ $.absent = "x" }', false],
    ['{ ($.level = "ERROR") && ($.detail.kind = "a \\"b\\"") }', true],
    ['{ ($.level = "ERROR") && ($.id = 16) }', false],
    ['{ $.id = 16 || $.id = 15 }', true],
    ['{ $.id = 15 || $.id = 15 && $.level = "INFO" }', true],
    ['{ ($.id = 15 || $.id = 15) && $.level = "INFO" }', false],
    ['{ (($.id = 15)) }', true],
    ['{ $.message = "(failed) && ||" }', false],
    ['{ $.message = %^sync% }', true],
    ['{ $.message != %^sync% }', false],
    ['{ $.message = %^failed% }', false],
    ['?absent ?failed', true],
    ['?absent ?missing', false],
    ['?"sync failed" ?absent', true],
    ['?failed', true],
    ['%[Ff]ail[a-z]+%', true],
    ['%^failed%', false],
    ['%\\d{2}%', true],
  ])('%s: %s', (pattern, expected) => {
    expect(compileFilterPattern(pattern)(line)).toBe(expected);
  });

  it('matches no field of a line that is not JSON', () => {
    expect(compileFilterPattern('{ $.level = "ERROR" }')('level = ERROR')).toBe(false);
  });

  it.each([
    '[a, b]',
    '?one two',
    'one ?two',
    '?',
    '-absent',
    '%(group)%',
    '%not allowed!%',
    '%[%',
    '%open',
    'one %two%',
    '{ $.a > 1 }',
    '{ $.a = "x*" }',
    '{ $.a = x* }',
    '{ $.a = 1 || }',
    '{ ($.a = 1 }',
    '{ $.a = 1) }',
    '{ $.a = 1 $.b = 2 }',
    '{ $.a NOT EXISTS }',
    '{ }',
    '{ $.a',
  ])('refuses %s', (pattern) => {
    expect(() => compileFilterPattern(pattern)).toThrow('is not supported here');
  });
});
