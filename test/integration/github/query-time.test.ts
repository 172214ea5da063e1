import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { GitHubOptions } from '../../../functions/github/github.ts';
import { readHeads } from '../../../functions/github/heads.ts';
import { PUBLISHED_LIMITS } from '../../../functions/github/limits.ts';
import { chunksOf } from '../../../functions/shared/chunks.ts';
import {
  ESTIMATED_QUERY_TIMES,
  PUBLISHED_LIMITS as GITHUBS_LIMITS,
  type GitHubOptions as SiteOptions,
} from '../../../local/github/simulated-github.ts';
import { connect, ROUTES, sendSerially, startBank } from '../../support/bank.ts';
import { MINUTE_MS } from '../../support/clock.ts';
import { contextOf, listed } from './support.ts';

const NO_FURTHER_TIME = { perRepositoryMs: 0, perGitObjectMs: 0 };

/** Sends requests without fetch, which sets timers for idle connections, and counts those that are on their way. */
function watchRequests(): () => number {
  let inFlight = 0;
  vi.stubGlobal('fetch', async (url: string, { method, headers, body }: RequestInit) => {
    inFlight += 1;
    const options = { method, headers: headers as OutgoingHttpHeaders, agent: false };
    const sent = request(url, options).end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const received = await text(answer);
    inFlight -= 1;
    const init = { status: answer.statusCode ?? 0, headers: answer.headers as Record<string, string> };
    return Object.defineProperty(new Response(received, init), 'url', { value: url });
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return () => inFlight;
}

/** A bank of 100 repositories on a clock on which no time passes but that of its queries. */
async function startTimedBank(
  queryTimes: NonNullable<SiteOptions['queryTimes']>,
  options: Pick<GitHubOptions, 'querySize' | 'workers' | 'limits'> = {},
) {
  const requestsInFlight = watchRequests();
  const bank = await startBank({
    repositories: 100,
    withoutProjectWebhook: 0,
    limits: GITHUBS_LIMITS,
    queryTimes,
    now: () => new Date(),
    // In the listing, nothing waits for it.
    wait: async (ms) => void (vi.isFakeTimers() && vi.setSystemTime(Date.now() + ms)),
  });
  const repositories = await listed(bank);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.now() + 2 * MINUTE_MS });
  onTestFinished(() => void vi.useRealTimers());
  const github = connect(bank.site, undefined, { stopwatch: () => Date.now(), ...options });
  sendSerially(github);
  bank.site.traffic.reset();
  const queries = (): number => bank.site.traffic.requests.get(ROUTES.graphql) ?? 0;
  const read = (several = repositories, wasBeingCreated = true) =>
    // If every item counts as being created, one query is enough.
    readHeads({ ...contextOf({ ...bank, github }), now: () => new Date() }, several, () => wasBeingCreated);
  /** Lets the client's waits elapse at once, until the work is done. */
  const passTime = async (work: Promise<unknown>): Promise<void> => {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    // A failure is thrown below, after the loop has noticed the end.
    done.catch(() => {});
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      if (requestsInFlight() === 0 && vi.getTimerCount() > 0) await vi.advanceTimersToNextTimerAsync();
    }
    await done;
  };
  return { bank, github, repositories, read, queries, passTime };
}

describe('queries for heads', () => {
  it('stay within the computing time of any minute, and use most of it', async () => {
    const { bank, read, passTime } = await startTimedBank(
      { baseMs: 4_400, ...NO_FURTHER_TIME },
      { limits: PUBLISHED_LIMITS },
    );
    const startedAt = Date.now();
    for (let batch = 0; batch < 50; batch += 1) await passTime(read());
    expect(bank.site.traffic.usage()).toMatchObject({
      computingMs: 50 * 4_400,
      forbidden: 0,
      tooManyRequests: 0,
    });
    const minutes = (Date.now() - startedAt) / MINUTE_MS;
    expect((50 * 4_400) / MINUTE_MS / minutes).toBeGreaterThan(0.85);
  });

  it('use the share of one of ten workers', async () => {
    const { read, passTime } = await startTimedBank(
      { baseMs: 2_500, ...NO_FURTHER_TIME },
      { limits: PUBLISHED_LIMITS, workers: 10 },
    );
    const startedAt = Date.now();
    for (let batch = 0; batch < 10; batch += 1) await passTime(read());
    const minutes = (Date.now() - startedAt) / MINUTE_MS;
    // Two queries fit into the share of a minute, so that ten need four waits.
    expect(minutes).toBeGreaterThan(4);
    expect(minutes).toBeLessThan(5);
  });
});

describe('the size of queries for heads', () => {
  it('stays as it is with the estimated times', async () => {
    const { github, read, repositories } = await startTimedBank(ESTIMATED_QUERY_TIMES);
    await read(repositories, false);
    expect(github.querySizes.heads.current()).toBe(100);
  });

  it('is halved after slow answers, and every head is read', async () => {
    const slow = { baseMs: 0, perRepositoryMs: 90, perGitObjectMs: 0 };
    const { bank, github, read, queries } = await startTimedBank(slow);
    expect((await read()).size).toBe(100);
    expect(github.querySizes.heads.current()).toBe(50);
    expect((await read()).size).toBe(100);
    expect(queries()).toBe(1 + 2);
    expect(github.querySizes.heads.current()).toBe(50);
    expect(bank.site.traffic.usage()).toMatchObject({ forbidden: 0 });
  });

  it('is halved after a query that GitHub aborts, and the halves are answered', async () => {
    const tooSlow = { baseMs: 0, perRepositoryMs: 150, perGitObjectMs: 0 };
    const { github, read, queries } = await startTimedBank(tooSlow);
    const heads = await read();
    expect([...heads.values()].map(({ kind }) => kind)).toEqual(Array(100).fill('read'));
    expect(queries()).toBe(1 + 2);
    // 50 take 7.5 s, which is too slow as well. 25 take less than 5 s.
    await read();
    expect(github.querySizes.heads.current()).toBe(25);
  });

  it('grows again when answers are quick', async () => {
    const quick = { baseMs: 100, perRepositoryMs: 1, perGitObjectMs: 0 };
    const { github, read } = await startTimedBank(quick, { querySize: 40 });
    await read();
    // 40 and 40 were answered at once, and the last 20 were no whole query.
    expect(github.querySizes.heads.current()).toBe(50);
  });

  it('is not reduced to one by a repository that GitHub cannot answer about', async () => {
    const { bank, github, read, repositories } = await startTimedBank(ESTIMATED_QUERY_TIMES);
    const [broken] = repositories;
    const tooMuch = { data: null, errors: [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Too much.' }] };
    bank.site.fail({
      method: 'POST',
      pathPrefix: '/graphql',
      bodyIncludes: broken?.nodeId ?? '',
      times: Infinity,
      outcome: { status: 200, body: tooMuch },
    });
    await read();
    expect(github.querySizes.heads.current()).toBe(50);
    await read();
    // It grows again, because answers for 50 take less than 3 s.
    expect(github.querySizes.heads.current()).toBe(63);
  });

  it('does not change during an outage', async () => {
    const { bank, github, read, repositories, passTime } = await startTimedBank(ESTIMATED_QUERY_TIMES);
    const outage = { method: 'POST', pathPrefix: '/graphql', times: Infinity } as const;
    bank.site.fail({ ...outage, outcome: { status: 503, body: '' } });
    for (const some of chunksOf(repositories, { count: 25 })) {
      await expect(passTime(read(some))).rejects.toMatchObject({ deferral: { kind: 'outage' } });
    }
    expect(github.querySizes.heads.current()).toBe(100);
  });
});
