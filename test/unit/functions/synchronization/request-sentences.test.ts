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

describe('the forecast', () => {
  it.each<[string, Forecast, number, string]>([
    [
      'names what is left of the hour',
      FORECAST,
      19,
      '1,811 webhook checks, 19 GraphQL queries, about 2 minutes; 4,981 of 5,000 requests left this hour, 1,000 reserved for others',
    ],
    [
      'uses the singular',
      { ...WITHOUT_QUOTA, webhookChecks: 1, seconds: 60 },
      1,
      '1 webhook check, 1 GraphQL query, about 1 minute; the server reports no hourly quota',
    ],
    [
      'counts hours, and says that rotation leaves webhooks out',
      { ...FORECAST, webhookShare: 1 / 7, seconds: 4 * 3_600 + 100 },
      1_000,
      '1,811 webhook checks, 1,000 GraphQL queries, about 4 hours; 4,981 of 5,000 requests left this hour, 1,000 reserved for others; the other webhooks are left to later runs',
    ],
    [
      'does not round to no time',
      { ...WITHOUT_QUOTA, seconds: 59 },
      19,
      '1,811 webhook checks, 19 GraphQL queries, less than a minute; the server reports no hourly quota',
    ],
    [
      'says that rate limits are off',
      UNLIMITED,
      19,
      '1,811 webhook checks, 19 GraphQL queries; rate limits off',
    ],
  ])('%s', (_, forecast, queries, sentence) => {
    expect(forecastSentence(forecast, { queries })).toBe(`forecast: ${sentence}`);
  });
});

describe('the requests of a run', () => {
  const requests = { reads: 1_833, queries: 21, writes: 10, queryMs: 0, refused: 0 };

  it('are compared with the forecast', () => {
    expect(requestsSentence({ requests, forecast: FORECAST })).toBe(
      'requests: 1,833 reads (1,831 forecast), 21 GraphQL queries (21), 10 writes',
    );
  });

  it('include those that GitHub refused', () => {
    expect(requestsSentence({ requests: { reads: 1, queries: 1, writes: 1, queryMs: 0, refused: 2 } })).toBe(
      'requests: 1 read, 1 GraphQL query, 1 write, 2 refused by GitHub',
    );
  });
});
