import { expect, it } from 'vitest';
import { lastPage } from '../../../../functions/github/pages.ts';

const url = 'https://api.github.com/organizations/39/repos';

it.each([
  ['no Link header', undefined, 1],
  ['an empty one', '', 1],
  ['a first page', `<${url}?per_page=100&page=2>; rel="next", <${url}?per_page=100&page=19>; rel="last"`, 19],
  ['page before per_page', `<${url}?page=19&per_page=100>; rel="last"`, 19],
  ['per_page without page', `<${url}?per_page=100>; rel="last"`, 1],
  ['a page that is no number', `<${url}?page=many>; rel="last"`, 1],
  [
    'a last page, which links only to earlier ones',
    `<${url}?page=1>; rel="first", <${url}?page=18>; rel="prev"`,
    1,
  ],
  ['a first page without a last one', `<${url}?page=2>; rel="next"`, 1],
  ['a relation without quotes', `<${url}?page=2>; rel=next, <${url}?page=19>; rel=last`, 19],
  ['no spaces', `<${url}?page=2>;rel=next,<${url}?page=19>;rel=last`, 19],
  ['spaces everywhere', `  <${url}?page=19>  ;  rel  =  "last"  `, 19],
  ['other parameters', `<${url}?page=19>; title="the last, or rel=next"; REL="last"; type=a/b`, 19],
  ['an escaped quote', String.raw`<${url}?page=19>; title="a \", b"; rel="last"`, 19],
  ['a parameter without a value, and an empty one', `<${url}?page=19>; crossorigin;; rel=last`, 19],
  ['several relations', `<${url}?page=2>; rel="next Last"`, 2],
  ['a relation that contains the name', `<${url}?page=19>; rel="last-but-one"`, 1],
  ['a second rel, which does not count', `<${url}?page=19>; rel="first"; rel="last"`, 1],
  [
    'a comma and a semicolon in the URL',
    `<${url}?q=a,b;c&page=2>; rel="next", <${url}?page=19>; rel="last"`,
    19,
  ],
  ['a relative URL', `</organizations/39/repos?page=19>; rel="last"`, 19],
  ['two links to the last page', `<${url}?page=19>; rel="last", <${url}?page=20>; rel="last"`, 19],
  ['anything else', 'not a link; rel="last"', 1],
])('reads the number of the last page from %s', (_, link, page) => {
  expect(lastPage({ headers: { link } })).toBe(page);
});
