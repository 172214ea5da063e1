import { describe, expect, it } from 'vitest';
import { isRepositoryName, isSameLogin } from '../../../../functions/github/repository.ts';

describe('isRepositoryName', () => {
  it.each(['item-205030', 'a', '...', '.github', 'A_b.c-9', 'x'.repeat(100)])('accepts "%s"', (name) => {
    expect(isRepositoryName(name)).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    'x'.repeat(101),
    'a/b',
    '../orgs',
    'a b',
    'a%2Fb',
    'a?b',
    'a#b',
    'a\\b',
    'ä',
    'item\n',
    '\0',
  ])('rejects %j', (name) => {
    expect(isRepositoryName(name)).toBe(false);
  });
});

it.each([
  ['item-bank', 'item-bank', true],
  ['Item-Bank', 'item-BANK', true],
  ['item-bank', 'item-bank-2', false],
])('isSameLogin compares %s and %s: %s', (one, other, isSame) => {
  expect(isSameLogin(one, other)).toBe(isSame);
});
