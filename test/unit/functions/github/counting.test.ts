import { expect, it, onTestFinished, vi } from 'vitest';
import { createGitHub, type GitHub, type GitHubOptions } from '../../../../functions/github/github.ts';
import { sendQuery } from '../../../../functions/github/graphql.ts';
import { PUBLISHED_LIMITS } from '../../../../functions/github/limits.ts';
import { DeferredError } from '../../../../functions/shared/deferral.ts';
import { createClock, MINUTE_MS } from '../../../support/clock.ts';
import { API_URL, APP, asksIfUp, scriptGitHub, soundAnswer } from './scripted-github.ts';

const LIMITS = { ...PUBLISHED_LIMITS, restPointsPerMinute: 1e6, graphqlPointsPerMinute: 1e6 };
const REPOSITORY = { owner: 'bank', repo: 'item-1' };

const connect = (options: Partial<GitHubOptions> = {}): GitHub =>
  createGitHub({ apiUrl: API_URL, token: 't', limits: LIMITS, clock: createClock(), ...options });
const read = ({ rest }: GitHub) => rest.repos.listWebhooks(REPOSITORY);

it('counts requests by kind', async () => {
  scriptGitHub((request) => soundAnswer(request));
  const github = connect({ stopwatch: () => 0 });
  expect(github.requestsSent()).toEqual({ reads: 0, writes: 0, queries: 0, queryMs: 0, refused: 0 });
  await read(github);
  await read(github);
  await github.rest.repos.createWebhook({ ...REPOSITORY, config: {} });
  await sendQuery(github, { text: '{ viewer { login } }', variables: {} });
  await github.request('GET /rate_limit');
  expect(github.requestsSent()).toEqual({ reads: 2, writes: 1, queries: 1, queryMs: 0, refused: 0 });
});

it('adds up how long queries take, answered or not, but not reads', async () => {
  let ms = 0;
  const answers = [200, 502, 200];
  scriptGitHub((request) => {
    if (asksIfUp(request)) return soundAnswer(request);
    ms += 1_500;
    return answers.shift() === 502 ? Response.json({ message: 'No' }, { status: 502 }) : soundAnswer(request);
  });
  const github = connect({ stopwatch: () => ms, retries: 0 });
  const measured: number[] = [];
  const query = () =>
    sendQuery(
      github,
      { text: '{ viewer { login } }', variables: {} },
      { measured: (each) => measured.push(each) },
    );
  await query();
  await expect(query()).rejects.toMatchObject({ status: 502 });
  await read(github);
  expect(measured).toEqual([1_500, 1_500]);
  // The question whether GitHub is up is a query, too.
  expect(github.requestsSent()).toMatchObject({ queries: 3, queryMs: 3_000 });
});

it('counts every attempt', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  scriptGitHub((request) =>
    asksIfUp(request) ? soundAnswer(request) : Response.json({ message: 'No' }, { status: 502 }),
  );
  const github = connect({ limits: 'off' });
  const failed = read(github).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await failed;
  expect(github.requestsSent()).toMatchObject({ reads: 3, refused: 0 });
});

it.each([403, 429])('counts an answer with %i as refused', async (status) => {
  scriptGitHub(() => Response.json({ message: 'No' }, { status }));
  const github = connect();
  await expect(read(github)).rejects.toMatchObject({ status });
  expect(github.requestsSent()).toMatchObject({ reads: 1, refused: 1 });
});

it('does not count a request that the reserve holds back', async () => {
  const reset = String(createClock().now().getTime() / 1_000 + 60);
  const headers = { 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': reset };
  scriptGitHub((request) => soundAnswer(request, headers));
  const github = connect();
  await read(github);
  await expect(read(github)).rejects.toBeInstanceOf(DeferredError);
  expect(github.requestsSent()).toMatchObject({ reads: 1 });
  // The reserve does not hold back this request.
  await github.request('GET /rate_limit');
});

it('does not count the request for a token of an App', async () => {
  scriptGitHub((request) => soundAnswer(request));
  const github = createGitHub({ apiUrl: API_URL, app: APP, clock: createClock() });
  await read(github);
  expect(github.requestsSent()).toMatchObject({ reads: 1, writes: 0 });
});
