import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGitHub, type GitHub, type GitHubOptions } from '../../../../functions/github/github.ts';
import { sendQuery } from '../../../../functions/github/graphql.ts';
import { PUBLISHED_LIMITS } from '../../../../functions/github/limits.ts';
import { PUBLISHED_LIMITS as GITHUBS_LIMITS } from '../../../../local/github/limits/published-limits.ts';
import { createSecondaryLimits } from '../../../../local/github/limits/secondary-limits.ts';
import { MINUTE_MS } from '../../../support/clock.ts';
import { API_URL, asksIfUp, scriptGitHub, soundAnswer } from './scripted-github.ts';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A GitHub that enforces the limit of computing time. Each query takes as long as its text says. */
function limitedGitHub() {
  const limits = createSecondaryLimits(GITHUBS_LIMITS, () => new Date());
  const used = { ms: 0, refused: 0 };
  scriptGitHub(async ({ body }) => {
    if (limits.startComputing()) {
      used.refused += 1;
      return Response.json({ message: 'You have exceeded a secondary rate limit.' }, { status: 403 });
    }
    const ms = Number(JSON.parse(body).query);
    limits.computed(ms);
    used.ms += ms;
    await later(ms);
    return Response.json({ data: {} });
  });
  return used;
}

const connect = (options: Partial<GitHubOptions> = {}): GitHub =>
  createGitHub({ apiUrl: API_URL, token: 't', limits: PUBLISHED_LIMITS, retries: 0, ...options });

const query = (github: GitHub, ms: number, expectedMs = ms) =>
  sendQuery(github, { text: String(ms), variables: {} }, { expectedMs });

/** Lets clients send one query after another for so many minutes. */
async function sendFor(minutes: number, sendAll: readonly (() => Promise<unknown>)[]): Promise<void> {
  const end = Date.now() + minutes * MINUTE_MS;
  const work = async (send: () => Promise<unknown>) => {
    while (Date.now() < end) await send();
  };
  const all = Promise.all(sendAll.map(work));
  await vi.advanceTimersByTimeAsync((minutes + 3) * MINUTE_MS);
  await all;
}

const workers = (count: number, send: (github: GitHub, worker: number) => Promise<unknown>) =>
  Array.from({ length: count }, (_, worker) => {
    const github = connect({ workers: count });
    return () => send(github, worker);
  });

describe('queries', () => {
  it.each([
    [1, 4_400, 0.85],
    [1, 300, 0.9],
    [2, 4_400, 0.85],
    [4, 4_400, 0.85],
    [10, 4_400, 0.7],
    [10, 2_500, 0.8],
    // Longer than the share of a worker.
    [10, 5_900, 0.9],
  ])('of %i workers, each %i ms long, stay within the computing time', async (count, ms, leastUse) => {
    const used = limitedGitHub();
    await sendFor(
      10,
      workers(count, (github) => query(github, ms)),
    );
    expect(used.refused).toBe(0);
    expect(used.ms).toBeGreaterThan(10 * leastUse * MINUTE_MS);
  });

  it('of different lengths stay within it, too', async () => {
    const used = limitedGitHub();
    const lengths = [4_400, 700, 3_100, 300, 1_900];
    let sent = 0;
    const next = (worker: number): number => {
      sent += 1;
      return lengths[(sent + worker) % lengths.length] ?? 0;
    };
    await sendFor(
      10,
      workers(10, (github, worker) => query(github, next(worker))),
    );
    expect(used.refused).toBe(0);
    expect(used.ms).toBeGreaterThan(10 * 0.7 * MINUTE_MS);
  });

  it('that take longer than expected delay those after them', async () => {
    const used = limitedGitHub();
    await sendFor(
      20,
      workers(4, (github) => query(github, 3_500, 3_000)),
    );
    expect(used.refused).toBe(0);
  });

  it('of clients that follow others stay within it, too', async () => {
    const used = limitedGitHub();
    const batches = Array.from({ length: 10 }, () => {
      let isFirst = true;
      return async () => {
        const predecessor = isFirst ? 'none' : 'possible';
        isFirst = false;
        await query(connect({ workers: 10, predecessor }), 4_400);
      };
    });
    await sendFor(10, batches);
    expect(used.refused).toBe(0);
    expect(used.ms).toBeGreaterThan(0);
  });

  it('of the first clients are sent at once', async () => {
    const used = limitedGitHub();
    for (let worker = 0; worker < 10; worker += 1) void query(connect({ workers: 10 }), 4_400);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(used.ms).toBe(44_000);
  });

  it('that failed count, and their retries do not wait for another minute', async () => {
    const github = scriptGitHub(async (request) => {
      if (asksIfUp(request)) return soundAnswer(request);
      await later(5_000);
      return Response.json({ message: 'timeout' }, { status: 502 });
    });
    const client = connect({ workers: 10, retries: 2 });
    const first = query(client, 5_000).catch((error: unknown) => error);
    const second = query(client, 5_000).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(MINUTE_MS / 2);
    // Three attempts, and the question whether GitHub is up.
    expect(github.count()).toBe(4);
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(await Promise.all([first, second])).toMatchObject([{ status: 502 }, { status: 502 }]);
  });

  it('are not delayed if limits are off', async () => {
    const used = limitedGitHub();
    const client = connect({ limits: 'off', workers: 10 });
    for (let count = 0; count < 5; count += 1) void query(client, 9_000);
    await vi.advanceTimersByTimeAsync(100);
    expect(used.ms).toBe(45_000);
  });
});
