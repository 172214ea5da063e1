import { expect, it } from 'vitest';
import { createGitHub } from '../../../../functions/github/github.ts';
import { metered } from '../../../../functions/github/metering.ts';
import { API_URL, scriptGitHub, soundAnswer } from './scripted-github.ts';

const NONE = { reads: 0, writes: 0, queries: 0, queryMs: 0, refused: 0 };

it('counts the requests of one invocation, by clients of earlier invocations and by new ones', async () => {
  scriptGitHub((request) => soundAnswer(request));
  const known = createGitHub({ apiUrl: API_URL, token: 't', stopwatch: () => 0 });
  const fresh = createGitHub({ apiUrl: API_URL, token: 'another', stopwatch: () => 0 });
  await known.request('GET /zen');
  const { connect, used } = metered(async (workers) => ({
    github: workers === 10 ? fresh : known,
    webhookSecret: '',
  }));
  expect(used()).toEqual(NONE);
  await (await connect()).github.request('GET /zen');
  expect(used()).toEqual({ ...NONE, reads: 1 });
  await (await connect(10)).github.request('POST /graphql', { query: '{ viewer { login } }' });
  await (await connect()).github.request('GET /zen');
  expect(used()).toEqual({ ...NONE, reads: 2, queries: 1 });
});
