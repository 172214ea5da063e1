import { describe, expect, it } from 'vitest';
import { createItemRepository, ORGANIZATION, start, TOKEN } from './support.ts';

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
/** As many as overflow the stack wherever a value, a query or a folder is walked through. */
const LEVELS = 50_000;

async function startSending() {
  const { github, octokit } = await start();
  const repo = await createItemRepository(octokit);
  const send = async (path: string, body: string, method = 'POST') => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(`${github.url}${path}`, { method, headers, body });
    return { status: answer.status, body: await answer.json() };
  };
  return { send, repository: `/repos/${ORGANIZATION}/${repo}` };
}

describe('a request that is nested too deeply', () => {
  it('is refused if it is JSON', async () => {
    const { send, repository } = await startSending();
    const problem = { status: 400, body: { message: 'Problems parsing JSON' } };
    expect(await send(`${repository}/hooks`, `{"config":${nested(LEVELS)}}`)).toMatchObject(problem);
    const query = `{"query":"{ viewer { login } }","variables":{"a":${nested(LEVELS)}}}`;
    expect(await send('/graphql', query)).toMatchObject(problem);
  });

  it.each([
    ['selections', '{ a '.repeat(LEVELS) + '}'.repeat(LEVELS)],
    ['lists', `{ rateLimit(dryRun: ${nested(LEVELS)}) { cost } }`],
    // The smallest that overflowed the stack of the parser was below two thousand.
    ['selections, just too deeply', `${'{ a '.repeat(201)}${'}'.repeat(201)}`],
  ])('is refused if it is a query with %s', async (_what, query) => {
    const { send } = await startSending();
    const answer = await send('/graphql', JSON.stringify({ query }));
    expect(answer).toMatchObject({
      status: 200,
      body: { errors: [{ message: 'The query is nested more than 200 levels deep.' }] },
    });
  });

  it('is refused if it creates folders in folders', async () => {
    const { send, repository } = await startSending();
    const path = Array.from({ length: 5_000 }, () => 'a').join('/');
    const refusal = { status: 422, body: { message: 'path is too long' } };
    const tree = [{ path, mode: '100644', content: '' }];
    expect(await send(`${repository}/git/trees`, JSON.stringify({ tree }))).toMatchObject(refusal);
    const file = JSON.stringify({ message: 'Add', content: '' });
    expect(await send(`${repository}/contents/${path}`, file, 'PUT')).toMatchObject(refusal);
  });
});
