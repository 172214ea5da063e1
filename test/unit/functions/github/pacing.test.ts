import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGitHub, type GitHub, type GitHubOptions } from '../../../../functions/github/github.ts';
import { sendQuery } from '../../../../functions/github/graphql.ts';
import { PUBLISHED_LIMITS } from '../../../../functions/github/limits.ts';
import { MINUTE_MS } from '../../../support/clock.ts';
import { API_URL, APP, asksIfUp, type Sent, scriptGitHub, soundAnswer } from './scripted-github.ts';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

const connect = (options: Partial<GitHubOptions> = {}): GitHub =>
  createGitHub({ apiUrl: API_URL, token: 't', limits: PUBLISHED_LIMITS, ...options });

const REPOSITORY = { owner: 'bank', repo: 'item-1' };
const read = ({ rest }: GitHub) => rest.repos.listWebhooks(REPOSITORY);
const write = ({ rest }: GitHub) => rest.repos.createWebhook({ ...REPOSITORY, config: {} });
const query = (github: GitHub) => sendQuery(github, { text: '{ viewer { login } }', variables: {} });
type Send = (github: GitHub) => Promise<unknown>;

const times = (count: number, send: () => Promise<unknown>) => Array.from({ length: count }, send);
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Transit times that differ by a factor of ten, the same in every test. */
function uneven(): () => Promise<unknown> {
  let step = 0;
  return () => {
    step = (step * 137 + 59) % 451;
    return later(50 + step);
  };
}

/** When requests of a method arrived at a GitHub with uneven transit times. */
function arrivalsOf(method: string): number[] {
  const arrivals: number[] = [];
  const transit = uneven();
  scriptGitHub(async (request) => {
    await transit();
    if (request.method === method) arrivals.push(Date.now());
    await transit();
    return soundAnswer(request);
  });
  return arrivals;
}

/** The number of arrivals in the fullest minute, whenever that minute begins. */
function fullestMinute(arrivals: readonly number[]): number {
  const inMinuteFrom = (start: number) =>
    arrivals.filter((at) => at >= start && at < start + MINUTE_MS).length;
  return Math.max(...arrivals.map(inMinuteFrom));
}

describe('requests', () => {
  it.each<[what: string, send: Send, method: string, limit: number]>([
    ['reads', read, 'GET', 900],
    ['writes', write, 'POST', 80],
    // Not the published 2,000, because so many requests take seconds of CPU time.
    ['queries', query, 'POST', 300],
  ])(
    'of one worker stay within the limit of any minute, and use nine tenths of it: %s',
    async (_, send, method, limit) => {
      const arrivals = arrivalsOf(method);
      const github = connect({ limits: { ...PUBLISHED_LIMITS, graphqlPointsPerMinute: 300 } });
      const all = times(limit * 1.2, () => send(github));
      await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
      await Promise.all(all);
      expect(fullestMinute(arrivals)).toBeLessThanOrEqual(limit);
      expect(fullestMinute(arrivals)).toBeGreaterThan(limit * 0.9);
    },
  );

  it('of ten workers with successive invocations stay within the limit of any minute together', async () => {
    const arrivals = arrivalsOf('GET');
    const end = Date.now() + 2 * MINUTE_MS;
    const work = async (): Promise<void> => {
      while (Date.now() < end) {
        const github = connect({ workers: 10 });
        await Promise.all(times(3, () => read(github)));
      }
    };
    const workers = times(10, work);
    await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
    await Promise.all(workers);
    expect(fullestMinute(arrivals)).toBeLessThanOrEqual(900);
    expect(fullestMinute(arrivals)).toBeGreaterThan(600);
  });

  it('that write use five points', async () => {
    const limits = { ...PUBLISHED_LIMITS, restPointsPerMinute: 60, writesPerMinute: 1_000 };
    const arrivals = arrivalsOf('POST');
    const github = connect({ limits });
    const all = times(20, () => write(github));
    await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
    await Promise.all(all);
    expect(fullestMinute(arrivals)).toBeLessThanOrEqual(12);
    expect(fullestMinute(arrivals)).toBeGreaterThan(10);
  });

  it('without an answer are limited to the share of requests in flight', async () => {
    const github = scriptGitHub(() => new Promise(() => {}));
    const client = connect({ workers: 10 });
    void times(30, () => read(client));
    void times(30, () => query(client));
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(github.count()).toBe(10);
  });

  it('that write are sent one at a time, even if they fail', async () => {
    let inFlight = 0;
    let most = 0;
    const { sent } = scriptGitHub(async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await later(3_000);
      inFlight -= 1;
      return Response.json({ message: 'No' }, { status: 422 });
    });
    const github = connect();
    const all = Promise.allSettled(times(5, () => write(github)));
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    await all;
    expect(most).toBe(1);
    expect(sent).toHaveLength(5);
  });

  it('that are retried are spaced too', async () => {
    let attempts = 0;
    scriptGitHub((request) => {
      if (asksIfUp(request)) return soundAnswer(request);
      attempts += 1;
      return Response.json({ message: 'Server Error' }, { status: 500 });
    });
    const reading = read(connect({ limits: { ...PUBLISHED_LIMITS, restPointsPerMinute: 1 } }));
    void reading.catch(() => {});
    const perMinute = [];
    for (let minute = 1; minute <= 4; minute += 1) {
      const before = attempts;
      await vi.advanceTimersByTimeAsync(64_000);
      perMinute.push(attempts - before);
    }
    expect(perMinute).toEqual([1, 1, 1, 0]);
    await expect(reading).rejects.toMatchObject({ status: 500 });
  });

  it('are not delayed if limits are off', async () => {
    const github = scriptGitHub(() => new Promise(() => {}));
    const client = connect({ limits: 'off', workers: 10 });
    for (const send of [read, write, query]) void times(100, () => send(client));
    await vi.advanceTimersByTimeAsync(10);
    expect(github.count()).toBe(300);
  });
});

it('the request for a token of an App is not delayed', async () => {
  const { sent } = scriptGitHub(soundAnswer);
  const limits = {
    ...PUBLISHED_LIMITS,
    restPointsPerMinute: 1,
    graphqlPointsPerMinute: 1,
    writesPerMinute: 1,
  };
  const reading = read(createGitHub({ apiUrl: API_URL, app: APP, limits }));
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(sent.map(pathOf)).toEqual(['/api/v3/app/installations/2/access_tokens']);
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  await reading;
  expect(sent.map(pathOf)).toEqual([
    '/api/v3/app/installations/2/access_tokens',
    '/api/v3/repos/bank/item-1/hooks',
  ]);
});

const pathOf = ({ path }: Sent): string => path;
