import { describe, expect, it } from 'vitest';
import {
  type Allowance,
  affordableShare,
  forecastRun,
  type RunSize,
} from '../../../../functions/github/forecast.ts';
import { PUBLISHED_LIMITS } from '../../../../functions/github/limits.ts';
import type { HourQuota } from '../../../../functions/shared/contract/requests.ts';
import { createClock } from '../../../support/clock.ts';

const { now } = createClock();
const HALF_AN_HOUR_LATER = '2026-11-23T09:30:00.000Z';

const sizeOf = (ids: number, more: Partial<RunSize> = {}): RunSize => {
  const batches = Math.ceil(ids / 100);
  return {
    batches,
    batchSize: 100,
    querySize: 100,
    msPerQuery: undefined,
    workers: Math.max(1, Math.min(10, batches)),
    webhookChecks: ids,
    webhookShare: 1,
    listing: { reads: batches, writes: 0, queries: 2, queryMs: 0, refused: 0 },
    ...more,
  };
};
const hour = (remaining: number): HourQuota => ({
  limit: 5_000,
  remaining,
  reserved: 1_000,
  resetAt: HALF_AN_HOUR_LATER,
});
const allowed = (remaining: number, more: Partial<Allowance> = {}): Allowance => ({
  limits: PUBLISHED_LIMITS,
  quota: { rest: hour(remaining), graphql: hour(5_000) },
  now: now(),
  ...more,
});

describe('the forecast of a run', () => {
  it('counts one check per repository, one query per batch, and the requests of the listing', () => {
    expect(forecastRun(sizeOf(1_811), allowed(4_981))).toMatchObject({
      webhookShare: 1,
      webhookChecks: 1_811,
      requests: { reads: 19 + 1_811, queries: 2 + 19 },
    });
  });

  it('repeats the share of the webhooks that are checked', () => {
    const size = sizeOf(1_000, { webhookChecks: 140, webhookShare: 1 / 7 });
    expect(forecastRun(size, allowed(200))).toMatchObject({ webhookShare: 1 / 7, webhookChecks: 140 });
  });

  it('counts queries only if there is no webhook to check', () => {
    const size = sizeOf(1_811, { webhookChecks: 0 });
    expect(forecastRun(size, allowed(1_000))).toMatchObject({
      webhookShare: 1,
      webhookChecks: 0,
      requests: { reads: 19, queries: 21 },
    });
  });

  it('counts several queries for a batch that is larger than a query', () => {
    expect(forecastRun(sizeOf(2_000, { querySize: 34 }), allowed(5_000))).toMatchObject({
      requests: { queries: 2 + 20 * 3 },
    });
  });

  it('is only the listing for an empty bank', () => {
    expect(forecastRun(sizeOf(0), allowed(5_000))).toMatchObject({
      webhookShare: 1,
      webhookChecks: 0,
      requests: { reads: 0, queries: 2 },
      seconds: 0,
    });
  });
});

describe('the share of webhook checks that fits into the hour', () => {
  it('is what is left beyond the reserve', () => {
    expect(affordableShare(1_000, allowed(2_000))).toBe(1);
    expect(affordableShare(1_000, allowed(1_500))).toBe(0.5);
    expect(affordableShare(1_000, allowed(900))).toBe(0);
  });

  it.each([
    ['the limits are off', allowed(0, { limits: 'off' })],
    ['the server reports no quota', allowed(0, { quota: undefined })],
    ['the quota is large enough', allowed(200_000)],
  ])('is everything if %s', (_, allowance) => {
    expect(affordableShare(100_000, allowance)).toBe(1);
  });

  it('is everything if there is nothing to check', () => {
    expect(affordableShare(0, allowed(0))).toBe(1);
  });
});

describe('the forecast duration', () => {
  const secondsOf = (ids: number, allowance: Allowance) => forecastRun(sizeOf(ids), allowance).seconds ?? 0;

  it('follows from the number of requests and the pace of the client', () => {
    // 855 a minute, by ten workers that are busy to the end.
    expect(secondsOf(2_000, allowed(5_000))).toBe(Math.ceil((2_000 / 855) * 60));
  });

  it('includes workers that idle at the end', () => {
    expect(secondsOf(1_100, allowed(5_000))).toBe(Math.ceil((1_100 / 855) * 60 * (20 / 11)));
  });

  it('is that of the queries if they take longer', () => {
    const limits = { ...PUBLISHED_LIMITS, graphqlPointsPerMinute: 1 };
    expect(secondsOf(2_000, allowed(5_000, { limits }))).toBe(Math.ceil((20 / 0.95) * 60));
  });

  it('is that of the computing time of the queries if they take longer, as long as those of the last run', () => {
    const organization = { webhookChecks: 0, msPerQuery: 4_400 };
    // 57 s a minute.
    expect(forecastRun(sizeOf(30_000, organization), allowed(5_000)).seconds).toBe(
      Math.ceil((300 * 4.4 * 60) / 57),
    );
    expect(forecastRun(sizeOf(30_000, { webhookChecks: 0 }), allowed(5_000)).seconds).toBeLessThan(60);
    expect(forecastRun(sizeOf(2_000, { msPerQuery: 4_400 }), allowed(5_000)).seconds).toBe(
      secondsOf(2_000, allowed(5_000)),
    );
  });

  it('includes a wait for the next hour if the requests do not fit into this one', () => {
    expect(secondsOf(1_500, allowed(2_500))).toBe(Math.ceil((1_500 / 855) * 60 * (20 / 15)));
    expect(secondsOf(1_500, allowed(2_499))).toBe(30 * 60 + 1);
    expect(secondsOf(1_500, allowed(1_000))).toBe(30 * 60 + Math.ceil((1_500 / 855) * 60 * (20 / 15)));
  });

  it('includes as many further hours as needed', () => {
    // 15,000 at 4,000 an hour.
    const left = 15_000 - 3 * 4_000;
    expect(secondsOf(15_000, allowed(1_000))).toBe(30 * 60 + 3 * 3_600 + Math.ceil((left / 855) * 60));
  });

  it('includes a wait for the quota of GraphQL', () => {
    const quota = { rest: hour(5_000), graphql: hour(1_010) };
    expect(secondsOf(2_000, allowed(5_000, { quota }))).toBeGreaterThan(30 * 60);
  });

  it('does not include a wait for an hour that has begun', () => {
    const over = { ...hour(1_000), resetAt: '2026-11-23T08:30:00.000Z' };
    const quota = { rest: over, graphql: hour(5_000) };
    expect(secondsOf(800, allowed(1_000, { quota }))).toBeLessThan(60);
  });

  it('is finite even if the whole quota is reserved', () => {
    const quota = { rest: { ...hour(10), limit: 10, reserved: 10 } };
    expect(Number.isFinite(secondsOf(100, allowed(10, { quota })))).toBe(true);
  });

  it('is absent if the limits are off', () => {
    expect(forecastRun(sizeOf(100), allowed(0, { limits: 'off' }))).not.toHaveProperty('seconds');
  });
});
