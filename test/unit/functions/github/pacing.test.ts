import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGitHub, type GitHub, type GitHubOptions } from '../../../../functions/github/github.ts';
import { PUBLISHED_LIMITS } from '../../../../functions/github/limits.ts';
import { MINUTE_MS } from '../../../support/clock.ts';
import { API_URL, APP, type Sent, scriptGitHub, soundAnswer } from './scripted-github.ts';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

const connect = (options: Partial<GitHubOptions> = {}): GitHub =>
  createGitHub({ apiUrl: API_URL, token: 't', limits: PUBLISHED_LIMITS, ...options });

const REPOSITORY = { owner: 'bank', repo: 'item-1' };
const read = ({ rest }: GitHub) => rest.repos.listWebhooks(REPOSITORY);
const write = ({ rest }: GitHub) => rest.repos.createWebhook({ ...REPOSITORY, config: {} });
const query = ({ graphql }: GitHub) => graphql('{ viewer { login } }');
type Ask = (github: GitHub) => Promise<unknown>;

const times = (count: number, ask: () => Promise<unknown>) => Array.from({ length: count }, ask);
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Some requests take ten times as long as others to arrive, and always the same ones. */
function uneven(): () => Promise<unknown> {
  let step = 0;
  return () => {
    step = (step * 137 + 59) % 451;
    return later(50 + step);
  };
}

/** When requests of this kind arrived at a GitHub that is far away. */
function arrivalsOf(method: string): number[] {
  const arrivals: number[] = [];
  const way = uneven();
  scriptGitHub(async (request) => {
    await way();
    if (request.method === method) arrivals.push(Date.now());
    await way();
    return soundAnswer(request);
  });
  return arrivals;
}

/** How many arrived in the fullest minute, whenever it begins. */
function fullestMinute(arrivals: readonly number[]): number {
  const inMinuteFrom = (start: number) =>
    arrivals.filter((at) => at >= start && at < start + MINUTE_MS).length;
  return Math.max(...arrivals.map(inMinuteFrom));
}

describe('requests', () => {
  it.each<[what: string, ask: Ask, method: string, limit: number]>([
    ['reads', read, 'GET', 900],
    ['writes', write, 'POST', 80],
    ['queries', query, 'POST', 2_000],
  ])('of one worker keep to every minute, and use nine tenths of it: %s', async (_, ask, method, limit) => {
    const arrivals = arrivalsOf(method);
    const github = connect();
    const all = times(limit * 1.2, () => ask(github));
    await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
    await Promise.all(all);
    expect(fullestMinute(arrivals)).toBeLessThanOrEqual(limit);
    expect(fullestMinute(arrivals)).toBeGreaterThan(limit * 0.9);
  });

  it('of ten workers, whose invocations follow each other, keep to every minute together', async () => {
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

  it('that write cost five that read', async () => {
    const limits = { ...PUBLISHED_LIMITS, restPointsPerMinute: 60, writesPerMinute: 1_000 };
    const arrivals = arrivalsOf('POST');
    const github = connect({ limits });
    const all = times(20, () => write(github));
    await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
    await Promise.all(all);
    expect(fullestMinute(arrivals)).toBeLessThanOrEqual(12);
    expect(fullestMinute(arrivals)).toBeGreaterThan(10);
  });

  it('of which GitHub answers none are under way as many as the share allows', async () => {
    const github = scriptGitHub(() => new Promise(() => {}));
    const client = connect({ workers: 10 });
    void times(30, () => read(client));
    void times(30, () => query(client));
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(github.count()).toBe(10);
  });

  it('that write are made one after another, also after one that failed', async () => {
    let underWay = 0;
    let most = 0;
    const { sent } = scriptGitHub(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await later(3_000);
      underWay -= 1;
      return Response.json({ message: 'No' }, { status: 422 });
    });
    const github = connect();
    const all = Promise.allSettled(times(5, () => write(github)));
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    await all;
    expect(most).toBe(1);
    expect(sent).toHaveLength(5);
  });

  it('that are made again take their turns too', async () => {
    const github = scriptGitHub(() => Response.json({ message: 'Server Error' }, { status: 500 }));
    const asked = read(connect({ limits: { ...PUBLISHED_LIMITS, restPointsPerMinute: 1 } }));
    void asked.catch(() => {});
    const perMinute = [];
    for (let minute = 1; minute <= 4; minute += 1) {
      await vi.advanceTimersByTimeAsync(64_000);
      perMinute.push(github.count());
    }
    expect(perMinute).toEqual([1, 1, 1, 0]);
    await expect(asked).rejects.toMatchObject({ status: 500 });
  });

  it('wait for nothing where there are no limits', async () => {
    const github = scriptGitHub(() => new Promise(() => {}));
    const client = connect({ limits: 'off', workers: 10 });
    for (const ask of [read, write, query]) void times(100, () => ask(client));
    await vi.advanceTimersByTimeAsync(10);
    expect(github.count()).toBe(300);
  });
});

it('an App waits for its token no longer than GitHub takes', async () => {
  const { sent } = scriptGitHub(soundAnswer);
  const limits = {
    ...PUBLISHED_LIMITS,
    restPointsPerMinute: 1,
    graphqlPointsPerMinute: 1,
    writesPerMinute: 1,
  };
  const asked = read(createGitHub({ apiUrl: API_URL, app: APP, limits }));
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(sent.map(pathOf)).toEqual(['/api/v3/app/installations/2/access_tokens']);
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  await asked;
  expect(sent.map(pathOf)).toEqual([
    '/api/v3/app/installations/2/access_tokens',
    '/api/v3/repos/bank/item-1/hooks',
  ]);
});

const pathOf = ({ path }: Sent): string => path;
