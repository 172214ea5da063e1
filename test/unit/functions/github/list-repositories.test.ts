import { expect, it } from 'vitest';
import { lastPage } from '../../../../functions/github/list-repositories.ts';

const url = 'https://api.github.com/organizations/39/repos';

it.each([
  ['no Link header', undefined, 1],
  ['a first page', `<${url}?per_page=100&page=2>; rel="next", <${url}?per_page=100&page=19>; rel="last"`, 19],
  ['page before per_page', `<${url}?page=19&per_page=100>; rel="last"`, 19],
  ['per_page without page', `<${url}?per_page=100>; rel="last"`, 1],
  [
    'a last page, which links only to earlier ones',
    `<${url}?page=1>; rel="first", <${url}?page=18>; rel="prev"`,
    1,
  ],
])('reads the number of the last page from %s', (_, link, page) => {
  expect(lastPage(link)).toBe(page);
});
