import { describe, expect, it } from 'vitest';
import type { Forecast } from '../../../../functions/shared/contract/requests.ts';
import {
  forecastSentence,
  requestsSentence,
} from '../../../../functions/synchronization/request-sentences.ts';

const FORECAST: Forecast = {
  webhookShare: 1,
  webhookChecks: 1_811,
  requests: { reads: 1_831, queries: 21 },
  seconds: 134,
  quota: { rest: { limit: 5_000, remaining: 4_981, reserved: 1_000, resetAt: '2026-11-23T10:00:00.000Z' } },
};
const { quota: _quota, ...WITHOUT_QUOTA } = FORECAST;
const { seconds: _seconds, ...UNLIMITED } = WITHOUT_QUOTA;

describe('the forecast is told', () => {
  it.each<[string, Forecast, number, string]>([
    [
      'with what is left of the hour',
      FORECAST,
      19,
      '1,811 webhook looks, 19 queries, about 2 minutes; 4,981 of 5,000 requests are left of this hour, 1,000 kept for others',
    ],
    [
      'in the singular',
      { ...WITHOUT_QUOTA, webhookChecks: 1, seconds: 60 },
      1,
      '1 webhook look, 1 query, about 1 minute; the server grants no quota for an hour',
    ],
    [
      'where it takes hours',
      { ...FORECAST, webhookShare: 1 / 7, seconds: 4 * 3_600 + 100 },
      1_000,
      '1,811 webhook looks, 1,000 queries, about 4 hours; 4,981 of 5,000 requests are left of this hour, 1,000 kept for others, so that some webhooks are looked at by the next runs',
    ],
    [
      'where it takes a moment',
      { ...WITHOUT_QUOTA, seconds: 59 },
      19,
      '1,811 webhook looks, 19 queries, less than a minute; the server grants no quota for an hour',
    ],
    ['without limits', UNLIMITED, 19, '1,811 webhook looks, 19 queries; no limits are kept to'],
  ])('%s', (_, forecast, queries, told) => {
    expect(forecastSentence(forecast, { queries })).toBe(`forecast: ${told}`);
  });
});

describe('what was asked for is told', () => {
  const requests = { reads: 1_833, queries: 21, writes: 10, refused: 0 };

  it('beside what was expected', () => {
    expect(requestsSentence({ requests, forecast: FORECAST })).toBe(
      'requests: 1,833 reads (1,831 forecast), 21 queries (21), 10 writes',
    );
  });

  it('with what GitHub refused of it', () => {
    expect(requestsSentence({ requests: { reads: 1, queries: 1, writes: 1, refused: 2 } })).toBe(
      'requests: 1 read, 1 query, 1 write, of which GitHub refused 2',
    );
  });
});
