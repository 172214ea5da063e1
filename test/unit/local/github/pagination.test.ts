import { describe, expect, it } from 'vitest';
import { linkHeader, pageOf, parsePageRequest } from '../../../../local/github/pagination.ts';

describe('parsePageRequest', () => {
  it.each([
    { asked: {}, page: 1, perPage: 30 },
    { asked: { page: '3', per_page: '100' }, page: 3, perPage: 100 },
    { asked: { per_page: '101' }, page: 1, perPage: 100 },
    { asked: { page: '0', per_page: '0' }, page: 1, perPage: 30 },
    { asked: { page: '-2', per_page: 'many' }, page: 1, perPage: 30 },
  ])('reads $asked as page $page of $perPage', ({ asked, page, perPage }) => {
    expect(parsePageRequest(asked)).toEqual({ page, perPage });
  });
});

describe('linkHeader', () => {
  const links = (page: number, total: number): Record<string, number> | undefined => {
    const url = new URL('http://github.test/organizations/1/repos?per_page=2&sort=created');
    const header = linkHeader(url, { page, perPage: 2 }, total);
    if (header === undefined) return undefined;
    return Object.fromEntries(
      header.split(', ').map((link) => {
        const [, target = '', rel = ''] = /^<([^>]+)>; rel="(\w+)"$/.exec(link) ?? [];
        return [rel, Number(new URL(target).searchParams.get('page'))];
      }),
    );
  };

  it.each([
    { page: 1, total: 0, expected: undefined },
    { page: 1, total: 2, expected: undefined },
    { page: 1, total: 5, expected: { next: 2, last: 3 } },
    { page: 2, total: 5, expected: { prev: 1, next: 3, last: 3, first: 1 } },
    { page: 3, total: 5, expected: { prev: 2, first: 1 } },
    { page: 9, total: 5, expected: { prev: 3, first: 1 } },
  ])('links page $page of $total members to $expected', ({ page, total, expected }) => {
    expect(links(page, total)).toEqual(expected);
  });

  it('keeps other parameters, and has the order prev, next, last, first', () => {
    const url = new URL('http://github.test/organizations/1/repos?per_page=2&page=2&type=private');
    const page = (number: number) =>
      `<http://github.test/organizations/1/repos?per_page=2&page=${number}&type=private>`;
    expect(linkHeader(url, { page: 2, perPage: 2 }, 6)).toBe(
      `${page(1)}; rel="prev", ${page(3)}; rel="next", ${page(3)}; rel="last", ${page(1)}; rel="first"`,
    );
  });
});

describe('pageOf', () => {
  it('returns every member once over all pages', () => {
    const members = [1, 2, 3, 4, 5];
    const pages = [1, 2, 3, 4].map((page) => pageOf(members, { page, perPage: 2 }));
    expect(pages).toEqual([[1, 2], [3, 4], [5], []]);
  });
});
