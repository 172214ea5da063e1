import { describe, expect, it } from 'vitest';
import { ITEM_KEYS } from '../../../../functions/mirror/mirror-rows.ts';
import { ID } from '../../../support/items-table.ts';

describe('the keys of an item', () => {
  it('are of one partition, each row by its kind', () => {
    expect(ITEM_KEYS.item(ID)).toEqual({ itemBankId: ID, sk: 'ITEM' });
    expect(ITEM_KEYS.itemJson(ID)).toEqual({ itemBankId: ID, sk: 'ITEM_JSON' });
    expect(ITEM_KEYS.revision(ID, 12, 'abc')).toEqual({ itemBankId: ID, sk: 'REVISION#000012#abc' });
  });

  it('order revisions by their place in the history', () => {
    const places = [2, 10, 9, 999_999, 1];
    const keys = places.map((place) => ITEM_KEYS.revision(ID, place, 'abc').sk);
    expect(keys.toSorted().map((sk) => Number(sk.split('#')[1]))).toEqual([1, 2, 9, 10, 999_999]);
  });
});
