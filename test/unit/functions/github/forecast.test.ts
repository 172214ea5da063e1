import { describe, expect, it } from 'vitest';
import { type Allowance, forecastRun, type RunSize } from '../../../../functions/github/forecast.ts';
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

  it('checks all webhooks as long as they fit into what is left beyond the reserve', () => {
    const just = forecastRun(sizeOf(1_000), allowed(2_000));
    const tooMany = forecastRun(sizeOf(1_000), allowed(1_999));
    expect(just).toMatchObject({ webhookShare: 1, webhookChecks: 1_000 });
    expect(tooMany.webhookShare).toBeLessThan(1);
    // It still fits after each of ten batches has rounded up.
    expect(tooMany.webhookChecks).toBeLessThanOrEqual(999);
    expect(tooMany.webhookChecks).toBeGreaterThan(980);
    expect(tooMany.requests.reads).toBe(10 + tooMany.webhookChecks);
  });

  it.each([1_000, 1_100, 0])('checks at least a seventh with %i requests left', (remaining) => {
    expect(forecastRun(sizeOf(10_000), allowed(remaining))).toMatchObject({
      webhookShare: 1 / 7,
      webhookChecks: 1_500,
    });
  });

  it.each([
    ['the limits are off', allowed(0, { limits: 'off' })],
    ['the server reports no quota', allowed(0, { quota: undefined })],
    ['the quota is large enough', allowed(200_000)],
  ])('checks all webhooks if %s', (_, allowance) => {
    expect(forecastRun(sizeOf(100_000), allowance)).toMatchObject({
      webhookShare: 1,
      webhookChecks: 100_000,
    });
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
    // A seventh of 10,000, rounded up in each batch, is 1,500.
    expect(secondsOf(10_000, allowed(2_500))).toBe(Math.ceil((1_500 / 855) * 60));
    expect(secondsOf(10_000, allowed(2_499))).toBe(30 * 60 + 1);
    expect(secondsOf(10_000, allowed(1_000))).toBe(30 * 60 + Math.ceil((1_500 / 855) * 60));
  });

  it('includes as many further hours as needed', () => {
    // A seventh of 100,000, rounded up in each batch, is 15,000, at 4,000 an hour.
    const left = 15_000 - 3 * 4_000;
    expect(secondsOf(100_000, allowed(1_000))).toBe(30 * 60 + 3 * 3_600 + Math.ceil((left / 855) * 60));
  });

  it('includes a wait for the quota of GraphQL', () => {
    const quota = { rest: hour(5_000), graphql: hour(1_010) };
    expect(secondsOf(2_000, allowed(5_000, { quota }))).toBeGreaterThan(30 * 60);
  });

  it('does not include a wait for an hour that has begun', () => {
    const over = { ...hour(1_000), resetAt: '2026-11-23T08:30:00.000Z' };
    const quota = { rest: over, graphql: hour(5_000) };
    expect(secondsOf(1_000, allowed(1_000, { quota }))).toBeLessThan(60);
  });

  it('is finite even if the whole quota is reserved', () => {
    const quota = { rest: { ...hour(10), limit: 10, reserved: 10 } };
    expect(Number.isFinite(secondsOf(100, allowed(10, { quota })))).toBe(true);
  });

  it('is absent if the limits are off', () => {
    expect(forecastRun(sizeOf(100), allowed(0, { limits: 'off' }))).not.toHaveProperty('seconds');
  });
});
