import { expect, it } from 'vitest';
import { lastPage } from '../../../../functions/github/list-repositories.ts';

const url = 'https://api.github.com/organizations/39/repos';

it.each([
  ['no Link header', undefined, 1],
  ['a first page', `<${url}?per_page=100&page=2>; rel="next", <${url}?per_page=100&page=19>; rel="last"`, 19],
  ['page before per_page', `<${url}?page=19&per_page=100>; rel="last"`, 19],
  ['per_page alone, which is no page', `<${url}?per_page=100>; rel="last"`, 1],
  [
    'a last page, which names only those before',
    `<${url}?page=1>; rel="first", <${url}?page=18>; rel="prev"`,
    1,
  ],
])('the last page of a listing is read from %s', (_, link, page) => {
  expect(lastPage(link)).toBe(page);
});
