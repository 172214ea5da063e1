import { expect, it } from 'vitest';
import { kindOf } from '../../../../functions/github/request-kinds.ts';

it.each([
  ['GET', '/repos/{owner}/{repo}/hooks', {}, 'read'],
  ['HEAD', '/repos/{owner}/graphql-course', {}, 'read'],
  ['GET', 'https://api.github.com/repositories/1/hooks?page=2', { authorization: 'token t' }, 'read'],
  ['POST', '/repos/{owner}/{repo}/hooks', {}, 'write'],
  ['PATCH', '/repos/{owner}/{repo}', { authorization: 'token t' }, 'write'],
  ['POST', '/graphql', {}, 'query'],
  ['POST', 'https://github.example.org/api/graphql', { authorization: 'token t' }, 'query'],
  [
    'POST',
    '/app/installations/{installation_id}/access_tokens',
    { authorization: 'bearer jwt' },
    'uncounted',
  ],
  ['GET', '/orgs/{org}/installation', { authorization: 'Bearer jwt' }, 'uncounted'],
  ['GET', '/rate_limit', { authorization: 'token t' }, 'uncounted'],
] as const)('classifies %s %s with %o as %s', (method, url, headers, kind) => {
  expect(kindOf({ method, url, headers })).toBe(kind);
});
