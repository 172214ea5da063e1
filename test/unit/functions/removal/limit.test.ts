import { describe, expect, it } from 'vitest';
import { limitStop } from '../../../../functions/removal/remove-candidates.ts';

describe('the limit of a removal', () => {
  it.each([
    ['exactly the limit', 10, 100, 10],
    ['nothing', 0, 0, 0],
    ['everything, if the limit is 100 percent', 7, 7, 100],
  ])('allows to remove %s', (_, removable, mirrored, limitPercent) => {
    expect(limitStop({ removable, mirrored, limitPercent })).toBeUndefined();
  });

  it.each([
    ['one more than the limit', 11, 100, 10],
    ['the only item', 1, 1, 10],
    ['any item, if the limit is 0 percent', 1, 100_000, 0],
  ])('does not allow to remove %s, and says how many it would be', (_, removable, mirrored, limitPercent) => {
    expect(limitStop({ removable, mirrored, limitPercent })).toEqual({
      reason: 'LIMIT',
      removable,
      mirrored,
      limitPercent,
    });
  });
});
