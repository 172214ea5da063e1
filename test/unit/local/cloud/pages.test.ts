import { describe, expect, it } from 'vitest';
import { createPageBuffer } from '../../../../local/cloud/aws-service.ts';

const order = (a: { id: number }, b: { id: number }) => a.id - b.id;

describe('a page of a list of any length', () => {
  it('has the first items in order, whatever order they are read in', () => {
    const page = createPageBuffer({ order, limit: 3 });
    for (const id of [9, 2, 7, 4, 8, 1, 3, 6, 5]) page.add({ id });
    expect(page.take()).toEqual({ items: [{ id: 1 }, { id: 2 }, { id: 3 }], hasMore: true });
  });

  it('says that there is no more if all items are on it', () => {
    const page = createPageBuffer({ order, limit: 3 });
    for (const id of [3, 2, 1]) page.add({ id });
    expect(page.take()).toMatchObject({ items: [{ id: 1 }, { id: 2 }, { id: 3 }], hasMore: false });
  });
});
