import { describe, expect, it } from 'vitest';
import { createGitHub, type GitHubOptions } from '../../../../functions/github/github.ts';
import { PUBLISHED_LIMITS } from '../../../../functions/github/limits.ts';
import { failedRequest } from '../../../../functions/github/responses.ts';
import { createWaits, type Waits } from '../../../../functions/github/waits.ts';
import { type Deferral, DeferredError } from '../../../../functions/shared/deferral.ts';
import type { GitHubWaits, SharedWaits } from '../../../../functions/shared/github-waits.ts';
import { type Clock, createClock, HOUR_MS, MINUTE_MS } from '../../../support/clock.ts';
import { API_URL, scriptGitHub, soundAnswer } from './scripted-github.ts';

const REPOSITORY = { owner: 'bank', repo: 'item-1' };
const at = (time: string) => new Date(`2026-11-23T${time}.000Z`);

/** What all functions have stored, and how often it was read and written. */
function createStore(stored: GitHubWaits = {}) {
  const calls = { reads: 0, writes: 0 };
  const shared: SharedWaits = {
    read: async () => {
      calls.reads += 1;
      return { ...stored };
    },
    extend: async (cause, wait) => {
      calls.writes += 1;
      stored[cause] = wait;
      return { ...stored };
    },
  };
  return { stored, calls, shared };
}

function connect(clock: Clock, options: Partial<GitHubOptions>) {
  const github = createGitHub({ apiUrl: API_URL, token: 't', clock, retries: 0, ...options });
  return {
    github,
    read: () => github.rest.repos.listWebhooks(REPOSITORY),
    query: () => github.request('POST /graphql', { query: '{ viewer { login } }' }),
  };
}

describe('while a wait lasts', () => {
  it('nothing is sent, and the deferral names its end', async () => {
    const script = scriptGitHub((request) => soundAnswer(request));
    const clock = createClock();
    const { shared } = createStore({ named: { until: at('09:10:00'), count: 1 } });
    const { read, query } = connect(clock, { sharedWaits: shared });
    for (const send of [read, query]) {
      await expect(send()).rejects.toMatchObject({
        deferral: {
          kind: 'rate-limited',
          resumeAt: at('09:10:00'),
          message: 'nothing is sent to GitHub before 09:10:00, because it asked to wait',
        },
      });
    }
    expect(script.count()).toBe(0);
    clock.set(at('09:10:00'));
    await read();
    expect(script.count()).toBe(1);
  });

  it.each([
    ['restQuota', 'query', 'read'],
    ['graphqlQuota', 'read', 'query'],
  ] as const)('of the %s, a %s is sent, and a %s is not', async (cause, sent, held) => {
    scriptGitHub((request) => soundAnswer(request));
    const client = connect(createClock(), {
      sharedWaits: createStore({ [cause]: { until: at('09:10:00'), count: 1 } }).shared,
    });
    await client[sent]();
    await expect(client[held]()).rejects.toBeInstanceOf(DeferredError);
  });

  it('in an outage, the deferral says so', async () => {
    const { read } = connect(createClock(), {
      sharedWaits: createStore({ outage: { until: at('09:00:30'), count: 1 } }).shared,
    });
    await expect(read()).rejects.toMatchObject({
      deferral: {
        kind: 'outage',
        message: 'nothing is sent to GitHub before 09:00:30, because it did not answer',
      },
    });
  });

  it('requests that wait for their turn are not sent either', async () => {
    const script = scriptGitHub(() =>
      Response.json({ message: 'slow down' }, { status: 429, headers: { 'retry-after': '60' } }),
    );
    const clock = createClock();
    const limits = { ...PUBLISHED_LIMITS, restPointsPerMinute: 1e6, requestsInFlight: 1 };
    const { github, read } = connect(clock, { limits });
    const [first, second] = [read(), read()];
    const failed = failedRequest(await first.catch((error: unknown) => error), { ...clock, github });
    expect(failed.meaning).toEqual({ kind: 'rate-limited', resumeAt: at('09:01:00') });
    await expect(second).rejects.toMatchObject({ deferral: { resumeAt: at('09:01:00') } });
    expect(script.count()).toBe(1);
  });
});

describe('what functions share', () => {
  it('is read once for many requests, and again after ten seconds', async () => {
    scriptGitHub((request) => soundAnswer(request));
    const [clock, { calls, shared }] = [createClock(), createStore()];
    const { read } = connect(clock, { sharedWaits: shared });
    await Promise.all(Array.from({ length: 9 }, read));
    clock.advance(9_999);
    await read();
    expect(calls).toEqual({ reads: 1, writes: 0 });
    clock.advance(1);
    await read();
    expect(calls).toEqual({ reads: 2, writes: 0 });
  });

  it('is noticed within ten seconds by a function that is at work', async () => {
    scriptGitHub((request) => soundAnswer(request));
    const [clock, { stored, shared }] = [createClock(), createStore()];
    const { read } = connect(clock, { sharedWaits: shared });
    await read();
    stored.limit = { until: at('09:01:00'), count: 1 };
    clock.advance(10_000);
    await expect(read()).rejects.toBeInstanceOf(DeferredError);
  });

  it('gets a wait before the next request would be sent', async () => {
    const [clock, { stored, calls, shared }] = [createClock(), createStore()];
    const { github, read } = connect(clock, { sharedWaits: shared });
    github.waits.noteNamed('named', at('09:05:00'), clock);
    await expect(read()).rejects.toBeInstanceOf(DeferredError);
    await expect(read()).rejects.toBeInstanceOf(DeferredError);
    expect(stored).toEqual({ named: { until: at('09:05:00'), count: 1 } });
    expect(calls.writes).toBe(1);
  });

  it('makes the next wait of another function longer', async () => {
    const [clock, { shared }] = [createClock(), createStore()];
    const seconds = async (waits: Waits) => {
      await waits.refresh(clock);
      const resumeAt = waits.next('outage', clock);
      await waits.share(clock);
      const length = (resumeAt.getTime() - clock.now().getTime()) / 1_000;
      clock.set(resumeAt);
      return length;
    };
    const waits = [createWaits(shared), createWaits(shared), createWaits(shared)];
    const lengths = [];
    for (const each of waits) lengths.push(await seconds(each));
    expect(lengths).toEqual([30, 60, 120]);
  });

  it('decides which of two waits for the same outage counts', async () => {
    const clock = createClock();
    const first = { until: at('09:00:20'), count: 3 };
    const waits = createWaits({ read: async () => ({}), extend: async () => ({ outage: first }) });
    waits.next('outage', clock);
    await waits.share(clock);
    expect(waits.deferral('read', clock)?.resumeAt).toEqual(first.until);
    expect(waits.state('outage', clock).count).toBe(3);
  });
});

describe('a wait that GitHub names', () => {
  const deferralAfter = (until: Date, clock: Clock): Deferral | undefined => {
    const waits = createWaits();
    waits.noteNamed('named', until, clock);
    return waits.deferral('read', clock);
  };

  it('is kept to for an hour at most', () => {
    const clock = createClock();
    const years = new Date(clock.now().getTime() + 10_000 * HOUR_MS);
    expect(deferralAfter(years, clock)?.resumeAt).toEqual(at('10:00:00'));
  });

  it('is not shortened by a later answer', () => {
    const [clock, waits] = [createClock(), createWaits()];
    waits.noteNamed('named', at('09:05:00'), clock);
    waits.noteNamed('named', at('09:01:00'), clock);
    expect(waits.deferral('read', clock)?.resumeAt).toEqual(at('09:05:00'));
  });

  it('has a jitter of up to five seconds, and an outage one of up to half a minute', () => {
    const clock = { ...createClock(), random: () => 1 };
    const waits = createWaits();
    waits.noteNamed('named', at('09:01:00'), clock);
    expect(waits.deferral('read', clock)?.resumeAt).toEqual(at('09:01:05'));
    expect(createWaits().next('outage', clock)).toEqual(new Date(clock.now().getTime() + MINUTE_MS));
  });
});
