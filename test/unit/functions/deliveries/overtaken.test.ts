import { describe, expect, it } from 'vitest';
import { isBehind, isUnseen } from '../../../../functions/deliveries/overtaken.ts';

const NONE = '0'.repeat(40);
const [FIRST, SECOND] = ['a'.repeat(40), 'b'.repeat(40)];
const push = (before: string, after: string) => ({ event: 'push', before, after });

describe('a head', () => {
  it.each([
    ['is behind a push that left it', FIRST, [push(FIRST, SECOND)], true],
    ['is that of the push', SECOND, [push(FIRST, SECOND)], false],
    ['is that of another branch', 'c'.repeat(40), [push(FIRST, SECOND)], false],
    ['may be right if the push was taken back', FIRST, [push(SECOND, FIRST), push(FIRST, SECOND)], false],
    ['may be right if its branch was deleted', FIRST, [push(FIRST, NONE)], false],
    ['was not read', undefined, [push(FIRST, SECOND)], false],
    ['cannot be compared with messages that name no commits', FIRST, [{ event: 'push' }], false],
  ])('%s', (_, head, messages, expected) => {
    expect(isBehind(head, messages)).toBe(expected);
  });
});

describe('an item that GitHub does not show', () => {
  it.each([
    [
      'is not seen yet if the repository is empty after a push',
      'REPOSITORY_EMPTY',
      [push(NONE, FIRST)],
      true,
    ],
    ['is not seen yet if a new branch lacks it', 'ITEM_JSON_MISSING', [push(NONE, FIRST)], true],
    ['is missing if the branch existed before', 'ITEM_JSON_MISSING', [push(FIRST, SECOND)], false],
    [
      'is gone if the new branch was deleted',
      'ITEM_JSON_MISSING',
      [push(NONE, FIRST), push(FIRST, NONE)],
      false,
    ],
    ['is missing if nobody has pushed', 'REPOSITORY_EMPTY', [{ event: 'repository' }], false],
    ['has another fault', 'ITEM_JSON_INVALID', [push(NONE, FIRST)], false],
  ] as const)('%s', (_, reason, messages, expected) => {
    expect(isUnseen(reason, messages)).toBe(expected);
  });
});
