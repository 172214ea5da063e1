import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGitHub, type GitHub, type GitHubOptions } from '../../../../functions/github/github.ts';
import { sendQuery } from '../../../../functions/github/graphql.ts';
import { PUBLISHED_LIMITS } from '../../../../functions/github/limits.ts';
import { DeferredError } from '../../../../functions/shared/deferral.ts';
import { createClock, HOUR_MS, MINUTE_MS, withoutPause } from '../../../support/clock.ts';
import { API_URL, APP, type Sent, scriptGitHub, soundAnswer } from './scripted-github.ts';

const RESET = '2026-11-23T09:40:00.000Z';
// 1,000 of 5,000 are reserved, and requests are not spaced.
const LIMITS = { ...PUBLISHED_LIMITS, restPointsPerMinute: 1e6, graphqlPointsPerMinute: 1e6 };

const left = (remaining: number) => ({
  'x-ratelimit-limit': '5000',
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-reset': String(Date.parse(RESET) / 1_000),
  'x-github-request-id': 'F:1',
});

function connect(options: Partial<GitHubOptions> = {}) {
  const clock = createClock();
  const random = () => 0.5;
  const github = createGitHub({
    apiUrl: API_URL,
    token: 't',
    limits: LIMITS,
    clock: { ...clock, random },
    ...options,
  });
  return { clock, github };
}

const read = ({ rest }: GitHub) => rest.repos.get({ owner: 'bank', repo: 'item-1' });
const query = (github: GitHub) => sendQuery(github, { text: '{ viewer { login } }', variables: {} });
const answering = (headers: Record<string, string>) => (request: Sent) => soundAnswer(request, headers);

describe('the hourly quota', () => {
  it.each([5_000, 1_001])(
    'is used while %i requests are left, which is more than the reserve',
    async (remaining) => {
      const script = scriptGitHub(answering(left(remaining)));
      const { github } = connect();
      await read(github);
      await read(github);
      expect(script.count()).toBe(2);
    },
  );

  it('is not that of anonymous requests, which GitHub reports with a rejected token', async () => {
    const answers = [new Response('{"message":"Bad credentials"}', { status: 401, headers: left(0) })];
    const script = scriptGitHub((request) => answers.shift() ?? soundAnswer(request, left(5_000)));
    const { github } = connect({ pause: withoutPause });
    await read(github);
    expect(script.count()).toBe(2);
  });

  it.each([1_000, 999, 0])('is left to others when %i requests are left', async (remaining) => {
    const script = scriptGitHub(answering(left(remaining)));
    const { github } = connect();
    await read(github);
    const refusal = await read(github).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DeferredError);
    expect(refusal).toMatchObject({
      deferral: {
        kind: 'rate-limited',
        // With half of the spread.
        resumeAt: new Date('2026-11-23T09:40:02.500Z'),
        message: `${remaining} of 5000 REST requests left this hour, all of them reserved for others (GitHub request id F:1)`,
        githubRequestId: 'F:1',
      },
    });
    expect(script.count()).toBe(1);
  });

  it('is separate for REST and GraphQL', async () => {
    const script = scriptGitHub(({ path, ...request }) =>
      soundAnswer({ path, ...request }, left(path.endsWith('/graphql') ? 900 : 4_000)),
    );
    const { github } = connect();
    await read(github);
    await query(github);
    await read(github);
    await expect(query(github)).rejects.toThrow('900 of 5000 GraphQL points');
    expect(script.count()).toBe(3);
  });

  it('is used again when the next hour begins', async () => {
    const script = scriptGitHub(answering(left(0)));
    const { github, clock } = connect();
    await read(github);
    clock.set(new Date(Date.parse(RESET) - 1));
    await expect(read(github)).rejects.toBeInstanceOf(DeferredError);
    clock.set(RESET);
    await read(github);
    expect(script.count()).toBe(2);
  });

  it('follows the newest response that reports it', async () => {
    const says = [left(1_002), left(5_000), {}, left(1_000), {}];
    const script = scriptGitHub((request) => soundAnswer(request, says.shift() ?? {}));
    const { github } = connect();
    for (let request = 1; request <= 4; request += 1) await read(github);
    await expect(read(github)).rejects.toBeInstanceOf(DeferredError);
    expect(script.count()).toBe(4);
  });

  it('is also read from an error response', async () => {
    const script = scriptGitHub(() => Response.json({ message: 'No' }, { status: 404, headers: left(10) }));
    const { github } = connect();
    await expect(read(github)).rejects.toMatchObject({ status: 404 });
    await expect(read(github)).rejects.toBeInstanceOf(DeferredError);
    expect(script.count()).toBe(1);
  });

  it('holds back retries too', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const script = scriptGitHub(() => Response.json({ message: 'No' }, { status: 500, headers: left(10) }));
    const reading = read(connect().github).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(await reading).toBeInstanceOf(DeferredError);
    expect(script.count()).toBe(1);
  });

  it.each([
    ['the server reports no quota', {}, {}],
    ['the limits are off', left(0), { limits: 'off' }],
    ['the reserve is 0 %', left(1), { limits: { ...LIMITS, reservePercent: 0 } }],
  ] as const)('does not hold requests back if %s', async (_, headers, options) => {
    const script = scriptGitHub(answering(headers));
    const { github } = connect(options);
    await read(github);
    await read(github);
    expect(script.count()).toBe(2);
  });
});

it('the quota of an App does not affect its installation', async () => {
  const script = scriptGitHub((request) =>
    soundAnswer(request, left(request.path.endsWith('/access_tokens') ? 10 : 4_000)),
  );
  const github = createGitHub({ apiUrl: API_URL, app: APP, limits: LIMITS, clock: createClock() });
  await read(github);
  await read(github);
  expect(script.count()).toBe(3);
});

it('a reset that has passed does not hold requests back', async () => {
  const script = scriptGitHub(answering(left(0)));
  const { github, clock } = connect();
  clock.advance(HOUR_MS - MINUTE_MS);
  await read(github);
  await read(github);
  expect(script.count()).toBe(2);
});
